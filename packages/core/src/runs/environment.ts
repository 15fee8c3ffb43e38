import { execFile } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { promisify } from 'node:util';
import { fedxVersion } from '../version.js';

/** What `environment.json` holds: what else than the spec and the data a result may hang on. No secrets, no environment variables. */
export interface Environment {
  /** Version of @fedx/core. */
  readonly fedx: string;
  readonly node: string;
  readonly platform: string;
  readonly architecture: string;
  readonly cpu: { readonly model: string /** Cores that this process may use. */; readonly count: number };
  /** Versions of the packages that compute, e.g. onnxruntime-node. */
  readonly packages: Readonly<Record<string, string>>;
  /** Git commit checked out where the spec lies; absent outside of a repository or without git. */
  readonly commit?: string;
  /** Hash of the resolved spec. */
  readonly specHash: string;
  /** SHA-256 of each plugin file, by its name in the spec; what such a file imports is not in it. */
  readonly plugins: Readonly<Record<string, string>>;
  /** SHA-256 of each file that an option names, by the option's path in the spec; the dataset's are in `data`. */
  readonly files: Readonly<Record<string, string>>;
  /** Digest of the dataset. */
  readonly data: string;
  /** The `fedx run` that the run belongs to; all points of a sweep have the same. */
  readonly invocation: string;
}

export interface EnvironmentOptions {
  readonly packages: Readonly<Record<string, string>>;
  /** The folder of the spec. */
  readonly specDirectory: string;
  readonly specHash: string;
  readonly plugins: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly data: string;
  readonly invocation: string;
}

/** Describes this process and machine. */
export async function describeEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const [fedx, commit] = await Promise.all([fedxVersion(), gitCommit(options.specDirectory)]);
  return {
    fedx,
    node: process.versions.node,
    platform: process.platform,
    architecture: process.arch,
    cpu: { model: cpus()[0]?.model.trim() ?? 'unknown', count: availableParallelism() },
    packages: options.packages,
    ...(commit === undefined ? {} : { commit }),
    specHash: options.specHash,
    plugins: options.plugins,
    files: options.files,
    data: options.data,
    invocation: options.invocation,
  };
}

async function gitCommit(directory: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', directory, 'rev-parse', 'HEAD'], { timeout: 2000 });
    return stdout.trim();
  } catch {
    // No git, no repository, no commit yet: all the same to a run.
    return undefined;
  }
}
