import { compileErrorCode, FedxError, isFedxError } from '../errors/index.js';

/** Calls a plugin; what it throws becomes FEDX_PLUGIN_FAILED that names it and what it was `doing`. */
export function callPlugin<Result>(plugin: string, doing: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (isFedxError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FedxError('FEDX_PLUGIN_FAILED', `The plugin ${plugin} failed ${doing}: ${reason}`, {
      place: { plugin },
      cause: error,
    });
  }
}

/** {@link callPlugin} for what a plugin does in its own time. */
export async function awaitPlugin<Result>(plugin: string, doing: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    return callPlugin(plugin, doing, () => {
      throw error;
    });
  }
}

/** Calls a plugin's traced function: what goes wrong names the plugin, be it the plugin's or the compiler's word. */
export function tracePlugin<Result>(plugin: string, call: () => Result): Result {
  return callPlugin(plugin, 'in a traced function', () => {
    try {
      return call();
    } catch (error) {
      const code = error instanceof Error ? compileErrorCode(error) : undefined;
      if (code === undefined) throw error;
      throw new FedxError(code, `The plugin ${plugin} cannot be compiled: ${(error as Error).message}`, {
        place: { plugin },
        cause: error,
      });
    }
  });
}
