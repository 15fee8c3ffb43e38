import assert from 'node:assert/strict';
import type { MetricPlugin, OptionsSchema } from '../contracts/index.js';
import { type ChosenMetric, scoreMetric } from '../experiment/index.js';
import { createPlugin } from '../plugins/index.js';
import { createRandom } from '../random/index.js';
import { resolveOptions } from '../spec/index.js';
import type { ConformanceCheck } from './check.js';
import { definitionChecks, type Setup } from './definition.js';
import { compileMetric, measureExamples, type Scored } from './measured-examples.js';

/** More than fills one batch of an evaluation. */
const EXAMPLES = 260;
/** What sums in another order may differ by. */
const TOLERANCE = 1e-6;

type Values = Readonly<Record<string, number>>;

/**
 * What every metric must do: measure each example by itself, compile, say something finite or nothing of any examples, the
 * same in any order, and be the better where predictions are right.
 */
export function metricConformance<Schema extends OptionsSchema>(
  plugin: MetricPlugin<Schema>,
  setup?: Setup<Schema>,
): readonly ConformanceCheck[];
export function metricConformance(plugin: MetricPlugin, setup: Setup = {}): readonly ConformanceCheck[] {
  const create = async (): Promise<ChosenMetric> => {
    const { name, better = 'higher' } = plugin;
    const options = await resolveOptions(plugin, setup.options ?? {});
    return { name, better, ...createPlugin(plugin, () => plugin.create(options)) };
  };
  const place = { arm: 'conformance', round: 1, isSound: true };
  const score = async (metric: ChosenMetric, scored: Scored, set: string): Promise<Values> =>
    scoreMetric(metric, await measureExamples(metric, scored), { ...place, set });
  return [
    ...definitionChecks(plugin, setup),
    {
      title: 'measures each example by itself, in any batch',
      run: async () => {
        const metric = await create();
        const scored = randomScores(10, EXAMPLES);
        const [forwards, backwards] = [
          await measureExamples(metric, scored),
          await measureExamples(metric, reversed(scored)),
        ];
        assert.ok(Object.keys(forwards.measured).length > 0, 'measure returns nothing.');
        for (const [name, { width, data }] of Object.entries(forwards.measured)) {
          const other = backwards.measured[name]?.data ?? new Float32Array();
          for (let i = 0; i < data.length; i++) {
            const row = Math.floor(i / width);
            const same = other[(EXAMPLES - 1 - row) * width + (i % width)];
            const message = `${name} of example ${row} depends on the other examples of its batch.`;
            assert.ok(near(data[i] ?? 0, same ?? Number.NaN), message);
          }
        }
      },
    },
    {
      title: 'compiles, to the same program each time',
      run: async () => {
        const metric = await create();
        const scored = randomScores(10, EXAMPLES);
        const [first, second] = [await compileMetric(metric, scored), await compileMetric(metric, scored)];
        assert.ok(Buffer.from(first).equals(second), 'Traced again, it became another program.');
      },
    },
    {
      title: 'says something finite, or nothing, of any examples',
      run: async () => {
        const metric = await create();
        for (const [set, scored] of Object.entries(cases())) await score(metric, scored, set);
        const some = Object.keys(await score(metric, randomScores(10, EXAMPLES), 'random logits'));
        assert.ok(some.length > 0, 'It says nothing of random logits.');
      },
    },
    {
      title: 'says the same of the same examples, in any order and whenever it is asked',
      run: async () => {
        const metric = await create();
        const scored = randomScores(10, EXAMPLES);
        const said = await score(metric, scored, 'random logits');
        assert.deepEqual(await score(metric, scored, 'random logits'), said, 'Asked again, it says something else.');
        const other = await score(metric, reversed(scored), 'random logits');
        assert.deepEqual(Object.keys(other), Object.keys(said));
        for (const [name, value] of Object.entries(said)) {
          const message = `${plugin.name}${name} is ${value}, of the same examples backwards ${other[name]}.`;
          assert.ok(near(value, other[name] ?? Number.NaN), message);
        }
      },
    },
    {
      title: 'is no better where all predictions are wrong than where all are right',
      run: async () => {
        const metric = await create();
        const { right, wrong } = cases();
        const [good, bad] = [await score(metric, right, 'right predictions'), await score(metric, wrong, 'wrong ones')];
        for (const [name, value] of Object.entries(good)) {
          const other = bad[name] ?? value;
          const isFine = metric.better === 'lower' ? value <= other : value >= other;
          const message = `${plugin.name}${name} is ${value} of right predictions and ${other} of wrong ones, but better says ${metric.better}.`;
          assert.ok(isFine, message);
        }
      },
    },
  ];
}

function cases() {
  const labels = Uint8Array.from({ length: EXAMPLES }, (_, i) => i % 10);
  /** Logits that are `height` for one class of each example and 0 for all others. */
  const sure = (height: number, classOf: (label: number) => number, classes = 10): Float32Array => {
    const logits = new Float32Array(EXAMPLES * classes);
    labels.forEach((label, i) => {
      logits[i * classes + (classOf(label) % classes)] = height;
    });
    return logits;
  };
  return {
    right: { classes: 10, labels, logits: sure(5, (label) => label) },
    wrong: { classes: 10, labels, logits: sure(5, (label) => label + 1) },
    'extreme logits': { classes: 10, labels, logits: sure(1e4, (label) => label) },
    'equal logits': { classes: 10, labels, logits: sure(0, (label) => label) },
    'one class of ten': { classes: 10, labels: labels.map(() => 3), logits: sure(1, (label) => label) },
    'two classes': {
      classes: 2,
      labels: labels.map((label) => label % 2),
      logits: sure(1, (label) => label + (label % 3), 2),
    },
    'one example': randomScores(10, 1),
  } satisfies Record<string, Scored>;
}

function randomScores(classes: number, examples: number): Scored {
  const random = createRandom(1).at('scores');
  return {
    classes,
    logits: Float32Array.from({ length: examples * classes }, () => 2 * random.normal()),
    labels: Uint8Array.from({ length: examples }, () => random.integer(classes)),
  };
}

function reversed({ classes, logits, labels }: Scored): Scored {
  const rows = Array.from(labels.keys()).reverse();
  return {
    classes,
    logits: Float32Array.from(rows.flatMap((row) => [...logits.subarray(row * classes, (row + 1) * classes)])),
    labels: Uint8Array.from(rows, (row) => labels[row] ?? 0),
  };
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a));
}
