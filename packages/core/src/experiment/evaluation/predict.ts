import type { Parameters } from '../../contracts/index.js';
import type { Engine } from '../../engines/index.js';
import { names, rename } from '../../programs/index.js';
import type { Program } from '../../runtime/index.js';
import type { ChosenMetric } from './chosen-metrics.js';
import type { Measured } from './score-metric.js';

/** Rows of one evaluation job: the same cuts whatever the number of workers, so that bits never depend on it. */
const ROWS_PER_JOB = 2500;

/** What a model says of rows, in their order. */
export interface Predicted {
  /** Class of each row. */
  readonly predictions: Int32Array;
  readonly losses: Float32Array;
  /** Whether all losses are finite. */
  readonly isSound: boolean;
  /** What each metric measured, by the metric's name. */
  readonly measured: Readonly<Record<string, Measured>>;
}

export interface PredictorOptions {
  readonly engine: Engine;
  /** Of an evaluation step. */
  readonly program: Program;
  readonly metrics: readonly Pick<ChosenMetric, 'name'>[];
  readonly priority: number;
}

/** Puts a model's word on rows of the dataset together from jobs that run side by side. */
export function createPredictor({ engine, program, metrics, priority }: PredictorOptions) {
  return async function predict(model: Parameters, rows: Uint32Array): Promise<Predicted> {
    const constants = rename(model, names.parameter);
    const outcomes = await Promise.all(
      Array.from({ length: Math.ceil(rows.length / ROWS_PER_JOB) }, (_, job) =>
        engine.run({
          program,
          carried: {},
          constants,
          priority,
          schedules: [{ rows: rows.slice(job * ROWS_PER_JOB, (job + 1) * ROWS_PER_JOB), epochs: 1, lastBatch: 'keep' }],
        }),
      ),
    );
    const parts = (name: string) => outcomes.map(({ stacked }) => stacked[name] ?? []);
    const measuredBy = (metric: string): Measured => {
      const prefix = names.measured(metric, '');
      const found = Object.keys(outcomes[0]?.stacked ?? {}).filter((name) => name.startsWith(prefix));
      return Object.fromEntries(
        found.map((name) => {
          const data = joined(Float32Array, parts(name));
          return [name.slice(prefix.length), { width: data.length / rows.length, data }];
        }),
      );
    };
    const losses = joined(Float32Array, parts(names.losses));
    return {
      predictions: joined(Int32Array, parts(names.predictions)),
      losses,
      isSound: losses.every(Number.isFinite),
      measured: Object.fromEntries(metrics.map(({ name }) => [name, measuredBy(name)])),
    };
  };
}

function joined<Values extends Int32Array | Float32Array>(
  Values: new (length: number) => Values,
  parts: readonly ArrayLike<number>[],
): Values {
  const all = new Values(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
