import * as tf from '@tensorflow/tfjs';
import type { CorpusEntry, Shapes } from './entry.js';

const matrices: readonly Shapes[] = [[[3, 4]], [[1, 5]], [[20, 18]]];
const constant = { differentiable: false } as const;

type More = Partial<CorpusEntry>;
const one = (kernel: string, title: string, f: (x: tf.Tensor) => tf.Tensor, more: More = {}): CorpusEntry => ({
  kernel,
  title,
  f,
  shapes: matrices,
  ...more,
});
const two = (
  kernel: string,
  title: string,
  f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  shapes: readonly Shapes[],
  more: More = {},
): CorpusEntry => ({ kernel, title, f, shapes, ...more });
const ints = (values: number[], shape: number[] = [values.length]): tf.Tensor => tf.tensor(values, shape, 'int32');
const images: readonly Shapes[] = [[[2, 4, 6, 3]]];

export const arrays: readonly CorpusEntry[] = [
  one('Reshape', 'one axis left open', (x) => tf.reshape(x, [1, -1])),
  one('ExpandDims', 'at the end', (x) => tf.expandDims(x, -1)),
  one('Transpose', 'of a matrix', (x) => tf.transpose(x)),
  one('Transpose', 'any permutation', (x) => tf.transpose(x, [2, 0, 1]), { shapes: [[[2, 3, 4]]] }),
  one('Slice', 'to the end', (x) => tf.slice(x, [0, 1], [-1, 2])),
  one('StridedSlice', 'every second', (x) => tf.stridedSlice(x, [0, 1], [3, 4], [2, 2]), {
    shapes: [[[3, 4]], [[4, 5]]],
  }),
  one('StridedSlice', 'backwards', (x) => tf.stridedSlice(x, [-1, 3], [-4, 0], [-1, -2]), {
    shapes: [[[3, 4]], [[7, 5]]],
  }),
  one('StridedSlice', 'of nothing', (x) => tf.concat([tf.stridedSlice(x, [-9, 0], [-7, 4], [-2, 1]), x], 0), {
    shapes: [[[3, 4]]],
  }),
  one('StridedSlice', 'a new axis', (x) => tf.stridedSlice(x, [0, 0, 1], [3, 1, 4], [2, 1, 2], 0, 0, 0, 2), {
    shapes: [[[3, 4]]],
  }),
  one('StridedSlice', 'one row', (x) => tf.stridedSlice(x, [1, 0], [2, 3], [1, 1], 0, 0, 0, 0, 1), {
    shapes: [[[3, 4]]],
  }),
  one('Reverse', 'one axis', (x) => tf.reverse(x, 1)),
  one('Reverse', 'all axes', (x) => tf.reverse(x)),
  one('PadV2', 'with any number', (x) =>
    tf.pad(
      x,
      [
        [1, 2],
        [0, 3],
      ],
      0.5,
    ),
  ),
  ...(['reflect', 'symmetric'] as const).map((mode) =>
    one(
      'MirrorPad',
      mode,
      (x) =>
        tf.mirrorPad(
          x,
          [
            [1, 2],
            [0, 3],
          ],
          mode,
        ),
      { shapes: [[[3, 4]], [[4, 5]]] },
    ),
  ),
  one('Tile', 'of any axes', (x) => tf.tile(x, [2, 3])),
  one('Tile', 'of four axes', (x) => tf.tile(x, [1, 2, 1, 3]), { shapes: [[[2, 3, 2, 2]]] }),
  one('Tile', 'as broadcasting', (x) => tf.broadcastTo(x, [2, 3, 4]), { shapes: [[[3, 4]], [[4]], [[3, 1]]] }),
  one('Fill', 'of any shape', (x) => tf.mul(x, tf.fill([2, 1, 1], 3))),
  one(
    'Range',
    'of integers and numbers',
    (x) => tf.add(tf.mul(x, tf.range(1, 3, 0.5)), tf.cast(tf.range(4, 0, 1, 'int32'), 'float32')),
    { shapes: [[[3, 4]]] },
  ),
  one(
    'Range',
    'of integers that floats do not hold',
    (x) =>
      tf.mul(
        x,
        tf.cast(tf.sub(tf.range(2 ** 24 + 1, 2 ** 24 + 5, 1, 'int32'), tf.scalar(2 ** 24, 'int32')), 'float32'),
      ),
    { shapes: [[[3, 4]]] },
  ),
  one('LinSpace', 'of some numbers', (x) => tf.mul(x, tf.linspace(-1, 1, 4)), { shapes: [[[3, 4]]] }),
  two('Concat', 'along a middle axis', (a, b) => tf.concat([a, b], 1), [
    [
      [3, 4],
      [3, 2],
    ],
    [
      [2, 3, 4],
      [2, 1, 4],
    ],
  ]),
  two('Concat', 'along the last axis', (a, b) => tf.concat([a, b], -1), [
    [
      [3, 4],
      [3, 2],
    ],
  ]),
  two('Pack', 'in the middle', (a, b) => tf.stack([a, b], 1), [
    [
      [3, 4],
      [3, 4],
    ],
    [[3], [3]],
  ]),
  two('Pack', 'at the end', (a, b) => tf.stack([a, b], -1), [
    [
      [3, 4],
      [3, 4],
    ],
  ]),
  one('SplitV', 'into equal parts', (x) => tf.add(...(tf.split(x, 2, 1) as [tf.Tensor, tf.Tensor])), {
    shapes: [[[3, 4]], [[20, 18]]],
  }),
  one('Unpack', 'along an axis', (x) => tf.mul(...(tf.unstack(x, 1) as [tf.Tensor, tf.Tensor])), {
    shapes: [[[3, 2]], [[2, 2, 3]]],
  }),
  one('GatherV2', 'the same column twice', (x) => tf.gather(x, ints([0, 0]), 1)),
  one('GatherV2', 'a matrix of indices', (x) => tf.gather(x, ints([0, 2, 1, 1], [2, 2]), -1), {
    shapes: [[[3, 4]], [[20, 18]]],
  }),
  one('GatherV2', 'a row each of a batch', (x) => tf.gather(x, ints([0, 2, 1, 1, 3, 3], [3, 2]), 1, 1), {
    shapes: [[[3, 4]], [[3, 4, 2]]],
  }),
  two(
    'GatherV2',
    'an embedding, its ids computed',
    (table, ids) => tf.gather(table, tf.cast(tf.abs(ids), 'int32')),
    [
      [
        [7, 3],
        [2, 5],
      ],
    ],
    { domain: [-6.9, 6.9], ...constant },
  ),
  two(
    'UnsortedSegmentSum',
    'ids beyond the segments count for nothing',
    (x, ids) => tf.unsortedSegmentSum(x, tf.cast(ids, 'int32') as tf.Tensor1D, 4),
    [
      [[9, 3], [9]],
      [[6], [6]],
    ],
    { domain: [-2, 6], ...constant },
  ),
  one('UnsortedSegmentSum', 'of given ids', (x) => tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2], 'int32'), 4), {
    shapes: [[[3, 4]], [[3, 2, 2]]],
  }),
  one('OneHot', 'of what is no class', (x) => tf.oneHot(tf.cast(x, 'int32'), 4), { domain: [-4, 8], ...constant }),
  one(
    'UnsortedSegmentSum',
    'of integers',
    (x) => tf.unsortedSegmentSum(tf.cast(x, 'int32'), tf.tensor1d([2, 0, 2], 'int32'), 4),
    {
      shapes: [[[3, 4]]],
      ...constant,
    },
  ),
  one('OneHot', 'as integers, halved', (x) => tf.div(tf.oneHot(tf.cast(x, 'int32'), 4, 3, 2), tf.scalar(2, 'int32')), {
    domain: [0, 3.9],
    ...constant,
  }),
  one('OneHot', 'on and off', (x) => tf.oneHot(tf.cast(x, 'int32'), 4, 3, -1), { domain: [0, 3.9], ...constant }),
  one(
    'SpaceToBatchND',
    'with paddings',
    (x) =>
      tf.spaceToBatchND(
        x,
        [2, 3],
        [
          [1, 1],
          [0, 0],
        ],
      ),
    { shapes: images },
  ),
  one(
    'BatchToSpaceND',
    'with crops',
    (x) =>
      tf.batchToSpaceND(
        x,
        [2, 2],
        [
          [0, 1],
          [1, 0],
        ],
      ),
    {
      shapes: [[[8, 3, 2, 3]]],
    },
  ),
];
