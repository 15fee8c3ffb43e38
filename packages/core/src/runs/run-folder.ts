import { dirname, join, resolve } from 'node:path';
import { FedxError } from '../errors/index.js';
import { writeFileAtomically } from './atomic-write.js';
import { type Clock, systemClock } from './clock.js';
import { type FileSystem, nodeFileSystem, syncDirectory } from './file-system.js';
import { claimId } from './run-id.js';
import { storageFailed } from './storage-error.js';

/** A file or folder inside a run folder: one plain name for each level. */
export type RunPath = readonly string[];

/** Where everything in a run folder lies (docs/architecture.md, section 6). */
export const runPaths = {
  spec: ['spec.resolved.yaml'],
  environment: ['environment.json'],
  partition: ['partition.json'],
  journal: ['events.jsonl'],
  /** An arm's checkpoints, a folder each. */
  checkpoints: (arm: string): RunPath => ['arms', arm, 'checkpoints'],
  /** A file of an arm's final model, e.g. `model.safetensors`. */
  model: (arm: string, file: string): RunPath => ['arms', arm, 'model', file],
  /** What keeps two processes from sending the run to one server at once. */
  tracking: ['tracking'],
  /** Anything else that is worth keeping. */
  artifact: (file: string): RunPath => ['artifacts', file],
} as const;

/** The folder of one run (one sweep point). */
export interface RunFolder {
  /** Unique among the runs of its directory, and sorts by time: `20261123-093201-noniid-mnist-3f9a` (UTC). */
  readonly id: string;
  /** Absolute path of the folder. */
  readonly directory: string;
  /** Absolute path of something inside. Throws FEDX_STORAGE_FAILED for a name that could lead out of the folder. */
  path(path: RunPath): string;
  /**
   * Writes a file in one piece (see {@link writeFileAtomically}), makes the folders above it, and returns its absolute
   * path. Throws FEDX_STORAGE_FAILED.
   */
  writeFile(path: RunPath, content: string | Uint8Array): Promise<string>;
}

export interface RunFolderOptions {
  /** The run gets `<directory>/.fedx/runs/<id>`. */
  readonly directory: string;
  /** The experiment's name; characters that a file name should not hold become dashes in the id. */
  readonly name: string;
  readonly clock?: Clock;
  readonly fileSystem?: FileSystem;
}

/** The folder of all runs of a working directory. */
export function runsDirectory(directory: string): string {
  return resolve(directory, '.fedx', 'runs');
}

/** Makes the folder of a new run. Throws FEDX_STORAGE_FAILED. */
export async function createRunFolder(options: RunFolderOptions): Promise<RunFolder> {
  const { clock = systemClock, fileSystem = nodeFileSystem } = options;
  const runs = runsDirectory(options.directory);
  try {
    fileSystem.makeDirectory(runs, { recursive: true });
    // Exclusive mkdir is atomic between processes, so whoever makes the folder owns the id.
    const id = claimId(options.name, clock(), runs, (free) => {
      fileSystem.makeDirectory(join(runs, free), { recursive: false });
    });
    await syncDirectory(fileSystem, runs);
    return openRunFolder(join(runs, id), id, fileSystem);
  } catch (error) {
    throw storageFailed('create', runs, error);
  }
}

/** The folder of a run that was begun before. */
export function openRunFolder(directory: string, id: string, fileSystem: FileSystem = nodeFileSystem): RunFolder {
  const path = (names: RunPath) => join(directory, ...names.map(plainName));
  return {
    id,
    directory,
    path,
    async writeFile(names, content) {
      const file = path(names);
      try {
        fileSystem.makeDirectory(dirname(file), { recursive: true });
      } catch (error) {
        throw storageFailed('create', dirname(file), error);
      }
      await writeFileAtomically(file, content, fileSystem);
      return file;
    },
  };
}

/** Letters and digits of any script, dots, dashes and underscores; first no dot, so neither `..` nor a hidden file. */
function plainName(name: string): string {
  if (/^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._-]*$/u.test(name)) return name;
  throw new FedxError('FEDX_STORAGE_FAILED', `${JSON.stringify(name)} cannot name a file or folder of a run.`, {
    hint: 'Use letters, digits, dots, dashes and underscores, and do not begin with a dot or a dash.',
  });
}
