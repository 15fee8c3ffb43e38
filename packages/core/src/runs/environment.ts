import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { promisify } from 'node:util';

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
  /** The `fedx run` that the run belongs to; all points of a sweep have the same. */
  readonly invocation: string;
}

export interface EnvironmentOptions {
  readonly packages: Readonly<Record<string, string>>;
  /** The folder of the spec. */
  readonly specDirectory: string;
  readonly specHash: string;
  readonly invocation: string;
}

/** Describes this process and machine. */
export async function describeEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const [fedx, commit] = await Promise.all([ownVersion(), gitCommit(options.specDirectory)]);
  return {
    fedx,
    node: process.versions.node,
    platform: process.platform,
    architecture: process.arch,
    cpu: { model: cpus()[0]?.model.trim() ?? 'unknown', count: availableParallelism() },
    packages: options.packages,
    ...(commit === undefined ? {} : { commit }),
    specHash: options.specHash,
    invocation: options.invocation,
  };
}

async function ownVersion(): Promise<string> {
  // Two folders up both from src/runs and from dist/runs.
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
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
