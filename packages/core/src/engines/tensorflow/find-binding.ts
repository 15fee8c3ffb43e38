import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FedxError } from '../../errors/index.js';
import { userCache } from '../../user-cache.js';

/** Where a binding can come from, in the order in which they are looked for. */
const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

export const SETUP_COMMAND = 'fedx setup tensorflow';

/** A binding of TensorFlow to Node. */
export interface TensorflowBinding {
  readonly source: typeof SETUP_COMMAND | (typeof packages)[number];
  /** The native addon. */
  readonly addon: string;
  /** Folders of the libraries that it loads by itself, CUDA's among them. */
  readonly libraries: readonly string[];
}

/** What `current.json` in {@link bindingsFolder} holds: which of the bindings there is in use. Paths start at that folder. */
export interface CurrentBinding {
  readonly addon: string;
  readonly libraries: readonly string[];
}

/** Where `fedx setup tensorflow` builds, a folder for each version. */
export function bindingsFolder(cache = userCache()): string {
  return join(cache, 'tensorflow');
}

/**
 * The binding that the engine uses: the one that was set up, else that of an installed package. Throws
 * FEDX_ENGINE_UNAVAILABLE where it cannot be read which one was set up.
 */
export function findBinding(cache = userCache()): TensorflowBinding | undefined {
  return findBuilt(bindingsFolder(cache)) ?? findInstalled();
}

function findBuilt(folder: string): TensorflowBinding | undefined {
  const current = join(folder, 'current.json');
  if (!existsSync(current)) return undefined;
  const { addon, libraries } = readCurrent(current);
  const path = join(folder, addon);
  if (!existsSync(path)) return undefined;
  return { source: SETUP_COMMAND, addon: path, libraries: libraries.map((library) => join(folder, library)) };
}

function readCurrent(file: string): CurrentBinding {
  try {
    const { addon, libraries } = JSON.parse(readFileSync(file, 'utf8')) as CurrentBinding;
    if ([addon, ...libraries].every((path) => typeof path === 'string')) return { addon, libraries };
  } catch {
    // The same as what is no binding.
  }
  throw new FedxError('FEDX_ENGINE_UNAVAILABLE', `${file} does not name a binding of TensorFlow.`, {
    place: { file },
    hint: 'Remove it, and run fedx setup tensorflow.',
  });
}

/** A package brings its addon where its install script could build or download one. */
function findInstalled(): TensorflowBinding | undefined {
  for (const source of packages) {
    for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), 'package.json'))]) {
      const root = packageRoot(source, from);
      const lib = root === undefined ? undefined : join(root, 'lib');
      if (lib === undefined || !existsSync(lib)) continue;
      const addon = readdirSync(lib)
        .map((name) => join(lib, name, 'tfjs_binding.node'))
        .find((path) => existsSync(path));
      if (addon !== undefined) return { source, addon, libraries: [] };
    }
  }
  return undefined;
}

/** Whether a binding was built for GPUs: what is set up brings the libraries of CUDA then. */
export function mayUseGpu({ source, libraries }: TensorflowBinding): boolean {
  return libraries.length > 0 || source === '@tensorflow/tfjs-node-gpu';
}

function packageRoot(name: string, from: string | URL): string | undefined {
  try {
    return dirname(createRequire(from).resolve(`${name}/package.json`));
  } catch {
    // Not installed, which is how most machines are.
    return undefined;
  }
}

/** What was looked for, as part of a sentence. */
export function notFound(): string {
  return `there is no binding from ${[SETUP_COMMAND, ...packages].join(' or ')}`;
}

/** Why the engine cannot run, and the command that mends it. */
export function unavailable(message: string, cause?: unknown): FedxError {
  return new FedxError('FEDX_ENGINE_UNAVAILABLE', message, {
    hint: `Run ${SETUP_COMMAND} (on a machine with an NVIDIA GPU: ${SETUP_COMMAND} --cuda), or choose engine.use=onnx.`,
    cause,
  });
}
