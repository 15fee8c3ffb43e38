import { expect, it } from 'vitest';
import { runInSlices, type SliceRunner } from './run-in-slices.js';

/** Steps of each call; a call takes longer than one should. */
function slow(calls: number[]): SliceRunner<null> {
  return {
    begin: () => null,
    async run(state, inputs) {
      calls.push(inputs['rows']?.shape[0] ?? NaN);
      await new Promise((resolve) => setTimeout(resolve, 120));
      return { state, stacked: {} };
    },
    read: () => ({}),
    release: () => undefined,
  };
}

it.each([
  ['is cut into calls that get shorter where they take long', false],
  ['is one call where a cut would change its bits', true],
])('a job %s', async (_, isWhole) => {
  const calls: number[] = [];
  const job = {
    program: { id: 'test', batchSize: 2, draws: 0, isWhole },
    carried: {},
    constants: {},
    schedules: [{ rows: Uint32Array.from({ length: 60 }, (_row, i) => i), epochs: 1, lastBatch: 'keep' }],
  } as const;
  const outcome = await runInSlices(slow(calls)).run(job, () => false);
  expect(outcome?.ends).toEqual([{ steps: 30, examples: 60, norm: 0 }]);
  if (isWhole) expect(calls).toEqual([30]);
  else expect(calls[1]).toBeLessThan(calls[0] ?? 0);
});
