import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type ChosenEngine, createEngine, type Engine } from '../../engines/index.js';
import { type FileSystem, writeFileAtomically } from '../../runs/index.js';
import type { ExperimentSpec } from '../../spec/index.js';

export interface OpenEngineOptions {
  /** Folder of the packed inputs; programs are written beside them. */
  readonly directory: string;
  readonly fileSystem: FileSystem;
  readonly signal: AbortSignal;
  /** Told when a worker was lost and its job given to another. */
  readonly onRetry: (message: string) => void;
}

/** A chosen engine with as many workers as the spec says. */
export function openEngine(
  chosen: ChosenEngine,
  { executor }: ExperimentSpec,
  { directory, fileSystem, signal, onRetry }: OpenEngineOptions,
): Engine {
  return createEngine(chosen, {
    workers: executor.workers === 'auto' ? availableParallelism() : executor.workers,
    signal,
    directory,
    writeFile: (path, content) => writeFileAtomically(path, content, fileSystem),
    readTable: ({ content }) =>
      content instanceof Uint8Array ? Promise.resolve(content) : readFile(join(directory, content.file)),
    onRetry,
  });
}
