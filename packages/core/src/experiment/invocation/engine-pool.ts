import { setMaxListeners } from 'node:events';
import type { ChosenEngine, Engine } from '../../engines/index.js';
import type { FileSystem } from '../../runs/index.js';
import type { ExperimentSpec } from '../../spec/index.js';
import type { Programs } from '../programs.js';
import { openEngine } from './open-engine.js';

/** The engine of an invocation: runs that ask for the same one after another share its workers and its programs. */
export interface EnginePool {
  /** One lease at a time. `directory` holds the data files that programs map. */
  lease(
    chosen: ChosenEngine,
    spec: ExperimentSpec,
    directory: string,
    onRetry: (message: string) => void,
  ): Promise<EngineLease>;
  close(): Promise<void>;
}

export interface EngineLease {
  readonly engine: Engine;
  readonly programs: Programs;
  /** Aborted by the user or by {@link stop}. */
  readonly signal: AbortSignal;
  /** Ends all that the engine does, as the run has failed; the next lease gets another engine. */
  stop(): void;
  /** Resolves once nothing of the run is under way any more. */
  release(): Promise<void>;
}

interface Opened {
  readonly key: string;
  readonly engine: Engine;
  readonly programs: Programs;
  readonly stop: AbortController;
  readonly signal: AbortSignal;
}

export function createEnginePool({
  fileSystem,
  signal,
}: {
  readonly fileSystem: FileSystem;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}): EnginePool {
  let opened: Opened | undefined;
  let onRetry: (message: string) => void = () => undefined;

  async function close(): Promise<void> {
    const before = opened;
    opened = undefined;
    await before?.engine.close();
  }

  function open(key: string, chosen: ChosenEngine, spec: ExperimentSpec, directory: string): Opened {
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    // Every client that trains listens to it; Node would suspect a leak at eleven.
    setMaxListeners(0, either);
    const made = openEngine(chosen, spec, {
      signal: either,
      directory,
      fileSystem,
      onRetry: (message) => {
        onRetry(message);
      },
    });
    return { key, engine: made, programs: new Map(), stop, signal: either };
  }

  return {
    close,
    async lease(chosen, spec, directory, hear) {
      onRetry = hear;
      const key = JSON.stringify([chosen, spec.executor, directory]);
      if (opened?.key !== key) await close();
      const lent = (opened ??= open(key, chosen, spec, directory));
      return {
        engine: lent.engine,
        programs: lent.programs,
        signal: lent.signal,
        stop: () => {
          lent.stop.abort();
        },
        release: async () => {
          if (lent.signal.aborted) await close();
        },
      };
    },
  };
}
