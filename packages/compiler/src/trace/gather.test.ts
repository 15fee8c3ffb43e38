import { describe, expect, it } from 'vitest';
import { openCompiled } from '../../testing/run-loop.js';
import { type LoopDefinition, type StepCall, traceLoop } from '../loop.js';
import { tf } from '../tfjs.js';

/** A loop whose step gathers by the ids `[4]`, of bytes or of floats. */
function loopOf(found: (ids: ReturnType<typeof tf.tensor>) => ReturnType<typeof tf.tensor>, bytes = false) {
  const ids = ({ batch, constants }: StepCall) =>
    tf.cast((bytes ? batch['ids'] : constants['ids']) ?? tf.zeros([4]), 'int32');
  return {
    batchSize: 1,
    tables: bytes
      ? [
          {
            name: 'ids',
            rows: 1,
            rowShape: [4],
            as: { dtype: 'float32', scale: 1 },
            content: Uint8Array.of(0, 4, 2, 4),
          },
        ]
      : [],
    carried: [],
    constants: bytes ? [] : [{ name: 'ids', shape: [4] }],
    step: (call) => ({ carried: {}, stacked: { found: found(tf.reshape(ids(call), [4])) } }),
  } satisfies LoopDefinition;
}

async function run(loop: LoopDefinition, ids?: readonly number[]): Promise<readonly number[]> {
  const constants = ids && { ids: { shape: [4], data: Float32Array.from(ids) } };
  const { stacked } = await (await openCompiled(loop))({
    rows: [[0]],
    weights: [[1]],
    carried: {},
    ...(constants && { constants }),
  });
  return [...(stacked['found']?.data ?? [])];
}

describe('a gather', () => {
  const rows = () => tf.tensor1d([10, 20, 30, 40, 50]);
  const one = loopOf((ids) => tf.gather(rows(), ids));
  const inBatch = loopOf((ids) => tf.gather(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]), tf.reshape(ids, [2, 2]), 1, 1));

  it('takes the entries that there are', async () => {
    expect(await run(one, [0, 4, 2, 4])).toEqual([10, 50, 30, 50]);
    expect(await run(inBatch, [0, 2, 1, 2])).toEqual([1, 3, 5, 6]);
  });

  it.each([
    ['one axis', one, [0, 1, -1, 2]],
    ['one axis', one, [0, 1, -5, 2]],
    ['one axis', one, [0, 1, 5, 2]],
    ['one axis', one, [0, 1, 5000, 2]],
    ['a batch', inBatch, [3, 0, 0, 0]],
    ['a batch', inBatch, [0, 0, -1, 0]],
    ['a batch', inBatch, [0, 0, 0, 4]],
    ['a batch', inBatch, [-7, 0, 0, 0]],
  ])('fails as in tfjs where it takes others, of %s', async (_, loop, ids) => {
    await expect(run(loop, ids)).rejects.toThrow(/out of data bounds/);
  });

  it('of constant indices is refused where one is out of range', () => {
    const fixed = (axis: number, batchAxes: number, ids: readonly number[]) => () =>
      traceLoop(loopOf(() => tf.gather(tf.ones([2, 3]), tf.tensor2d([...ids], [2, 1], 'int32'), axis, batchAxes)));
    expect(fixed(1, 0, [0, 3])).toThrow('gather takes entry 3 of an axis of 3.');
    expect(fixed(0, 0, [-1, 0])).toThrow('gather takes entry -1 of an axis of 2.');
    expect(fixed(1, 1, [0, 3])).toThrow('gather takes entry 3 of an axis of 3.');
    expect(fixed(1, 0, [0, 2])).not.toThrow();
  });

  it('costs nothing more where the indices are a dataset’s bytes', async () => {
    const loop = loopOf((ids) => tf.gather(rows(), ids), true);
    expect(await run(loop)).toEqual([10, 50, 30, 50]);
    const opsOf = (definition: LoopDefinition) => JSON.stringify(traceLoop(definition).body);
    expect(opsOf(loop)).not.toContain('select');
    expect(opsOf(one)).toContain('select');
  });
});
