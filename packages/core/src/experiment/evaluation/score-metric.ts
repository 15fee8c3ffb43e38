import type { FinishCall } from '../../contracts/index.js';
import { FedxError } from '../../errors/index.js';
import { callPlugin, describe } from '../../plugins/index.js';
import type { ChosenMetric } from './chosen-metrics.js';

/** What a metric measured of some examples, by name: row-major `[examples, width]`. */
export type Measured = Readonly<Record<string, { readonly width: number; readonly data: Float32Array }>>;

/** Some examples and what was measured of them. */
export interface MeasuredExamples {
  readonly examples: number;
  readonly classes: number;
  readonly measured: Measured;
}

/** Where a metric is asked for its word. */
export interface MetricPlace {
  readonly arm: string;
  /** Round, or epoch for centralized. */
  readonly round: number;
  /** Which examples, to follow "on": `the test set`. */
  readonly set: string;
  /** Whether the model's own loss there is a number: where it is not, no metric need be one. */
  readonly isSound: boolean;
}

/**
 * What a metric says of examples, by what follows its name in the keys: nothing, or `/<name>`; empty where it says nothing,
 * or there are no examples. Throws FEDX_PLUGIN_FAILED, which names metric, arm and round.
 */
export function scoreMetric(
  { name: plugin, finish }: ChosenMetric,
  of: MeasuredExamples,
  { arm, round, set, isSound }: MetricPlace,
): Readonly<Record<string, number>> {
  if (of.examples === 0) return {};
  const place = { plugin, arm, round };
  const fail = (what: string) =>
    new FedxError('FEDX_PLUGIN_FAILED', `The metric ${plugin} ${what} on ${set} in round ${round}.`, { place });
  const finished: unknown = callPlugin(
    plugin,
    `on ${set} in round ${round}`,
    () => finish(finishCall(of, fail)),
    place,
  );
  const values: Record<string, number> = {};
  for (const [key, value] of namedValues(finished)) {
    const as = key === '' ? '' : ` as ${key.slice(1)}`;
    if (typeof value !== 'number') throw fail(`returned ${describe(value)}${as}, and no number,`);
    if (isSound && !Number.isFinite(value)) throw fail(`returned ${value}${as}`);
    values[key] = value;
  }
  return values;
}

function finishCall({ examples, classes, measured }: MeasuredExamples, fail: (what: string) => FedxError): FinishCall {
  const valuesOf = (name: string): Measured[string] => {
    const values = measured[name];
    if (values !== undefined) return values;
    throw fail(`asked for ${name}, which it does not measure (it does: ${Object.keys(measured).join(', ')}),`);
  };
  const sums = (name: string): readonly number[] => sumRows(valuesOf(name));
  return {
    examples,
    classes,
    sums,
    total: (name) => sums(name).reduce((total, value) => total + value, 0),
    values: (name) => valuesOf(name).data.slice(),
  };
}

/** Sums over the rows in their order, in float64. */
function sumRows({ width, data }: Measured[string]): readonly number[] {
  const sums = new Array<number>(width).fill(0);
  for (let i = 0; i < data.length; i++) sums[i % width] = (sums[i % width] ?? 0) + (data[i] ?? 0);
  return sums;
}

function namedValues(finished: unknown): readonly (readonly [string, unknown])[] {
  if (finished === undefined) return [];
  if (typeof finished !== 'object' || finished === null || Array.isArray(finished)) return [['', finished]];
  return Object.entries(finished).map(([name, value]) => [`/${name}`, value]);
}

/** The examples at `positions` of a set. */
export function pickExamples({ classes, measured }: MeasuredExamples, positions: Uint32Array): MeasuredExamples {
  const rowsOf = ({ width, data }: Measured[string]): Measured[string] => {
    const rows = new Float32Array(positions.length * width);
    for (let i = 0; i < positions.length; i++) {
      const from = (positions[i] ?? 0) * width;
      rows.set(data.subarray(from, from + width), i * width);
    }
    return { width, data: rows };
  };
  return {
    examples: positions.length,
    classes,
    measured: Object.fromEntries(Object.entries(measured).map(([name, values]) => [name, rowsOf(values)])),
  };
}
