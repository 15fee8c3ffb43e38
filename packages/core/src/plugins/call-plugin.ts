import type { Plugin } from '../contracts/index.js';
import { atPlace, compileErrorCode, type ErrorCode, type ErrorPlace, FedxError, isFedxError } from '../errors/index.js';
import { definitionOf, placeInOwnCode, withDeepStacks } from './own-code.js';

/** What ends a plugin's work from below, and is no fault of the plugin: the line that waited for it says nothing. */
const fromBelow: ReadonlySet<ErrorCode> = new Set([
  'FEDX_CLIENT_TIMEOUT',
  'FEDX_RUN_INTERRUPTED',
  'FEDX_RUN_OUT_OF_TIME',
  'FEDX_WORKER_FAILED',
]);

const mathRandom = Math.random;

/** Calls a plugin without a Math.random: no run could be repeated that depends on its numbers. */
function withoutMathRandom<Result>(plugin: string, doing: string, call: () => Result): Result {
  // A trace refuses it already, and says why.
  if (Math.random !== mathRandom) return call();
  Math.random = () => {
    const message = `The plugin ${plugin} failed ${doing}: it calls Math.random, whose numbers follow from no seed.`;
    throw new FedxError('FEDX_PLUGIN_FAILED', message, { hint: 'Draw from the random that the plugin is given.' });
  };
  try {
    return call();
  } finally {
    Math.random = mathRandom;
  }
}

/**
 * Calls a plugin; what it throws becomes FEDX_PLUGIN_FAILED that names it, what it was `doing`, and the line of its own
 * code. An error that has a code of fedx keeps it, and comes to name the same. `place` is what else is known. Math.random
 * is refused meanwhile.
 */
export function callPlugin<Result>(plugin: string, doing: string, call: () => Result, place: ErrorPlace = {}): Result {
  try {
    return withoutMathRandom(plugin, doing, () => withDeepStacks(call));
  } catch (error) {
    throw pluginError(plugin, doing, error, place);
  }
}

/**
 * {@link callPlugin} for what a plugin does in its own time. A plugin that stops because its signal is aborted has not
 * failed: that becomes FEDX_RUN_INTERRUPTED.
 */
export async function awaitPlugin<Result>(
  plugin: string,
  doing: string,
  call: () => Result | Promise<Result>,
  place: ErrorPlace = {},
): Promise<Result> {
  try {
    return await withDeepStacks(call);
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') {
      const message = `Interrupted before the plugin ${plugin} was done.`;
      throw new FedxError('FEDX_RUN_INTERRUPTED', message, { place: { plugin }, cause: error });
    }
    throw pluginError(plugin, doing, error, place);
  }
}

/** Traces what a plugin computes: what goes wrong names the plugin and its line, be it the plugin's or the compiler's word. */
export function tracePlugin<Result>(plugin: string, call: () => Result): Result {
  return callPlugin(plugin, 'in a traced function', () => {
    try {
      return call();
    } catch (error) {
      const code = error instanceof Error ? compileErrorCode(error) : undefined;
      if (code === undefined) throw error;
      throw new FedxError(code, `The plugin ${plugin} cannot be compiled: ${(error as Error).message}`, {
        cause: error,
      });
    }
  });
}

/**
 * Calls a plugin's traced function, as {@link tracePlugin} does. `flaw` says what is wrong with its result, to follow
 * "returned": then FEDX_PLUGIN_FAILED with the place where the plugin is defined.
 */
export function traceChecked<Result>(
  plugin: Plugin,
  call: () => Result,
  flaw: (result: Result) => string | undefined,
): Result {
  return tracePlugin(plugin.name, () => {
    const result = call();
    const why = flaw(result);
    if (why === undefined) return result;
    throw new FedxError('FEDX_PLUGIN_FAILED', `A traced function of the plugin ${plugin.name} returned ${why}.`, {
      place: definitionOf(plugin) ?? {},
    });
  });
}

/** What a plugin threw as an error that says where. What the error itself knows of its place stands. */
export function pluginError(plugin: string, doing: string, error: unknown, place: ErrorPlace = {}): FedxError {
  if (isFedxError(error)) {
    if (fromBelow.has(error.code)) return error;
    // A file that the error names is one that the plugin read.
    const line = error.place.file === undefined ? placeInOwnCode(error) : undefined;
    return atPlace(error, { ...line, plugin, ...place });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new FedxError('FEDX_PLUGIN_FAILED', `The plugin ${plugin} failed ${doing}: ${reason}`, {
    place: { ...placeInOwnCode(error), plugin, ...place },
    cause: error,
  });
}
