import { describe, expect, it } from 'vitest';
import { type LoopInputs, openCompiled, relativeDistance, runEager } from '../../testing/run-loop.js';
import { carriedOf, inputs, twoLayers } from '../../testing/two-layers.js';
import { traceLoop } from '../loop.js';
import { optimise } from '../passes/index.js';

const summed = twoLayers({ isShort: true, isSummed: true });

/** Jobs of unequal lengths; the last steps of the second hold fewer examples than a batch. */
const jobs = [
  { steps: 3, share: 0.5 },
  { steps: 4, share: 0.125 },
  { steps: 1, share: 0.375 },
];
const single = jobs.map(({ steps }, i) => {
  const { rows, ...others } = inputs(steps);
  return { ...others, rows: rows.map((batch) => batch.map((row) => (row + 5 * i) % 20)) };
});
const together: LoopInputs = {
  ...inputs(0),
  rows: single.flatMap(({ rows }) => rows),
  weights: single.flatMap(({ weights }) => weights),
  jobs,
};

describe('a loop that sums jobs', () => {
  it.each([1, 2])(
    'gives the shares of what came to the values in each, and their squares, as plain tfjs makes them: of %i parts',
    async (parts) => {
      const loop = twoLayers({ isShort: true, isSummed: true, parts });
      const starts = carriedOf(parts);
      expect(optimise(traceLoop(loop)).isSummed).toBe(true);
      const [all, ...ends] = [
        await (await openCompiled(loop))({ ...together, carried: starts }),
        ...(await Promise.all(single.map((job) => runEager(loop, { ...job, carried: starts })))),
      ];
      const changes = ends.map((end) =>
        Object.entries(starts).map(([name, start]) => ({
          name,
          values: Float64Array.from(start.data, (value, i) => (end.carried[name]?.data[i] ?? Number.NaN) - value),
        })),
      );
      for (const [at, { name, values }] of changes[0]?.entries() ?? []) {
        const sum = Float32Array.from(values, (_, i) =>
          jobs.reduce((total, { share }, job) => total + share * (changes[job]?.[at]?.values[i] ?? Number.NaN), 0),
        );
        expect(relativeDistance(all.carried[name], { shape: [sum.length], data: sum }), name).toBeLessThan(1e-5);
      }
      changes.forEach((change, job) => {
        const square = change.reduce((total, { values }) => total + values.reduce((sum, x) => sum + x * x, 0), 0);
        expect((all.squares?.data[job] ?? 0) / square).toBeCloseTo(1, 4);
      });
      const losses = Float32Array.from(ends.flatMap((end) => [...(end.stacked['losses']?.data ?? [])]));
      expect(relativeDistance(all.stacked['losses'], { shape: [losses.length], data: losses })).toBeLessThan(1e-5);
    },
  );

  it('gives a job the same bits beside others as alone', async () => {
    const run = await openCompiled(summed);
    const [first] = single;
    const whole = [{ steps: 3, share: 1 }];
    const alone = await run({ ...together, rows: first?.rows ?? [], weights: first?.weights ?? [], jobs: whole });
    const all = await run(together);
    expect(all.squares?.data[0]).toBe(alone.squares?.data[0]);
    const { data = [] } = alone.stacked['losses'] ?? {};
    expect([...(all.stacked['losses']?.data ?? [])].slice(0, data.length)).toEqual([...data]);
  });

  it('is made only where a short loop defers updates', () => {
    const sums = (layers: Parameters<typeof twoLayers>[0]) => optimise(traceLoop(twoLayers(layers))).isSummed;
    expect(sums({ isShort: true, isSummed: true })).toBe(true);
    expect(sums({ isShort: true })).toBe(false);
    expect(sums({ isShort: false, isSummed: true })).toBe(false);
    expect(sums({ isShort: true, isSummed: true, decay: 0.01 })).toBe(false);
  });
});
