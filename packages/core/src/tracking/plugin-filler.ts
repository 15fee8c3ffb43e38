import { once } from 'node:events';
import type { Sink, SinkContext } from '../contracts/index.js';
import { pluginError } from '../plugins/index.js';
import type { JournalEntry } from '../runs/index.js';
import type { Filler } from './filler.js';

/** A sink that a spec chose. */
export interface ChosenSink {
  readonly name: string;
  readonly create: (context: SinkContext) => Sink | Promise<Sink>;
}

/**
 * Gives a plugin what it is told, each entry once. What the plugin throws becomes FEDX_PLUGIN_FAILED, after which there is
 * to be no other flush.
 */
export interface PluginFiller extends Pick<Filler, 'add' | 'flush'> {
  /** Lets the plugin end, if it was made. Throws as {@link flush} does. */
  end(): Promise<void>;
}

/** The plugin is made when there is first something to tell; `onProgress` hears of everything that it took. */
export function createPluginFiller(
  { name, create }: ChosenSink,
  context: Omit<SinkContext, 'signal'>,
  onProgress: () => void,
): PluginFiller {
  let pending: JournalEntry[] = [];
  let sink: Sink | undefined;
  let stop = new AbortController().signal;

  async function call<Result>(
    signal: AbortSignal,
    doing: string,
    act: () => Result | Promise<Result>,
  ): Promise<Result> {
    try {
      return await untilAborted(signal, act);
    } catch (error) {
      if (signal.aborted) throw error;
      throw pluginError(name, doing, error);
    }
  }

  return {
    add(entry) {
      pending.push(entry);
    },
    async flush(signal) {
      stop = signal;
      if (pending.length === 0) return undefined;
      const made = (sink ??= await call(signal, 'to start', () => create({ ...context, signal })));
      // A copy, as others are given the same entries; with all that came while the plugin was made.
      const events = structuredClone(pending);
      pending = [];
      await call(signal, 'to take events', () => made.write(events));
      onProgress();
      return undefined;
    },
    end: () => call(stop, 'to end', () => sink?.end?.()),
  };
}

/** What `act` comes to, unless the signal is aborted before: then the signal's reason is thrown. */
async function untilAborted<Result>(signal: AbortSignal, act: () => Result | Promise<Result>): Promise<Result> {
  signal.throwIfAborted();
  const settled = new AbortController();
  const aborted = once(signal, 'abort', { signal: settled.signal }).then((): never => {
    throw signal.reason;
  });
  try {
    // Within a promise: what throws at once must not leave `aborted` to nobody.
    return await Promise.race([(async () => act())(), aborted]);
  } finally {
    settled.abort();
  }
}
