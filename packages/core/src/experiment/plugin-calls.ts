import type { Aggregated, Parameters, SamplerPlugin } from '../contracts/index.js';
import { FedxError, isFedxError } from '../errors/index.js';
import { isFinite } from '../parameters/index.js';
import type { Random } from '../random/index.js';
import type { Metrics } from '../runs/index.js';
import { metricKeys } from './metrics.js';

type Next = Aggregated<unknown>;

/** Calls a strategy's `aggregate` and checks what it returns, so that a fault names plugin and round. */
export function checkedAggregate(
  { name: arm, strategyName: plugin }: { readonly name: string; readonly strategyName: string },
  aggregate: () => Partial<Next> | undefined,
  before: Parameters,
  round: number,
): { readonly global: Parameters; readonly state: unknown; readonly log: Metrics } {
  const place = { arm, plugin, round };
  const fail = (what: string, cause?: unknown) =>
    new FedxError('FEDX_PLUGIN_FAILED', `The strategy ${plugin} ${what} in round ${round}.`, { place, cause });
  let next: Partial<Next> | undefined;
  try {
    next = aggregate();
  } catch (error) {
    if (isFedxError(error)) throw error;
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
  const log = Object.entries(next?.log ?? {});
  const odd = log.find(([, value]) => typeof value !== 'number');
  if (odd !== undefined) throw fail(`logged ${odd[0]}, which is no number,`);
  return {
    global,
    state: next?.state,
    log: Object.fromEntries(log.map(([key, value]) => [metricKeys.strategy(key), value])),
  };
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
