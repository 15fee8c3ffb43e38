import type { Parameters, SamplerPlugin } from '../contracts/index.js';
import { compileErrorCode } from '../engines/index.js';
import { FedxError, isFedxError } from '../errors/index.js';
import { isFinite } from '../parameters/index.js';
import type { Random } from '../random/index.js';

interface Next {
  readonly global: Parameters;
  readonly state?: unknown;
}

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

/** Calls a strategy's `aggregate` and checks what it returns, so that a fault names plugin and round. */
export function checkedAggregate(
  { name: arm, strategyName: plugin }: { readonly name: string; readonly strategyName: string },
  aggregate: () => Partial<Next> | undefined,
  before: Parameters,
  round: number,
): { readonly global: Parameters; readonly state: unknown } {
  const place = { arm, plugin, round };
  const fail = (what: string, cause?: unknown) =>
    new FedxError('FEDX_PLUGIN_FAILED', `The strategy ${plugin} ${what} in round ${round}.`, { place, cause });
  let next: Partial<Next> | undefined;
  try {
    next = aggregate();
  } catch (error) {
    throw fail(`failed (${error instanceof Error ? error.message : String(error)})`, error);
  }
  const global = next?.global;
  if (global === undefined) throw fail('returned no global parameters');
  const unknown = Object.keys(global).find((name) => !(name in before));
  if (unknown !== undefined) throw fail(`returned ${unknown}, which is no parameter of the model,`);
  for (const [name, { shape }] of Object.entries(before)) {
    const made = global[name];
    if (made?.shape.join() !== shape.join() || made.data.length !== before[name]?.data.length) {
      throw fail(`returned ${name} of shape [${made?.shape.join(', ') ?? 'nothing'}] instead of [${shape.join(', ')}]`);
    }
  }
  if (!isFinite(global)) throw fail('returned parameters that are not finite');
  return { global, state: next?.state };
}

/** Draws a round's cohort and checks it: ascending client numbers, each once, at least one. */
export function checkedCohort(
  sampler: SamplerPlugin,
  options: Readonly<Record<string, unknown>>,
  examples: readonly number[],
  round: number,
  random: Random,
): readonly number[] {
  const place = { plugin: sampler.name, round };
  let cohort: readonly number[];
  try {
    cohort = sampler.sample(options, { round, examples, random: random.at(round) });
  } catch (error) {
    if (isFedxError(error)) throw error;
    throw new FedxError(
      'FEDX_PLUGIN_FAILED',
      `The sampler ${sampler.name} failed in round ${round}: ${String(error)}`,
      { place, cause: error },
    );
  }
  const isValid =
    cohort.length > 0 &&
    cohort.every(
      (client, i) =>
        Number.isInteger(client) &&
        client >= 0 &&
        client < examples.length &&
        (i === 0 || client > (cohort[i - 1] ?? 0)),
    );
  if (isValid) return cohort;
  throw new FedxError(
    'FEDX_PLUGIN_FAILED',
    `The sampler ${sampler.name} returned [${cohort.join(', ')}] in round ${round}: ascending clients of 0 to ${examples.length - 1} are needed.`,
    { place },
  );
}
