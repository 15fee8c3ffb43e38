import * as tf from '@tensorflow/tfjs';
import type { CorpusEntry, Shapes } from './entry.js';

const vectors: readonly Shapes[] = [[[]], [[5]], [[3, 4]], [[2, 3, 4]]];
const matrices: readonly Shapes[] = [[[3, 4]], [[1, 5]], [[20, 18]]];
const constant = { differentiable: false } as const;

type More = Partial<CorpusEntry>;
const whole = (kernel: string, f: (x: tf.Tensor) => tf.Tensor, more: More = {}): CorpusEntry => ({
  kernel,
  title: 'over all axes',
  f,
  shapes: vectors,
  ...more,
});
const matrix = (kernel: string, title: string, f: (x: tf.Tensor) => tf.Tensor, more: More = {}): CorpusEntry => ({
  kernel,
  title,
  f,
  shapes: matrices,
  ...more,
});
const product = (
  title: string,
  f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  shapes: readonly Shapes[],
): CorpusEntry => ({ kernel: 'BatchMatMul', title, f, shapes });
const positive = (x: tf.Tensor): tf.Tensor => tf.greater(x, 0);

export const reductions: readonly CorpusEntry[] = [
  whole('Sum', (x) => tf.sum(x)),
  whole('Mean', (x) => tf.mean(x)),
  whole('Max', (x) => tf.max(x)),
  whole('Min', (x) => tf.min(x)),
  whole('Prod', (x) => tf.prod(x), constant),
  matrix('Sum', 'over the first axis', (x) => tf.sum(x, 0)),
  matrix('Sum', 'over the last axis, kept', (x) => tf.sum(x, -1, true)),
  matrix('Sum', 'over the first and the last axis', (x) => tf.sum(x, [0, 2]), { shapes: [[[40, 30, 2]]] }),
  matrix('Sum', 'of booleans', (x) => tf.sum(positive(x), 1), constant),
  matrix('Sum', 'L1 and L2 penalties', (x) => tf.add(tf.sum(tf.abs(x)), tf.sum(tf.square(x)))),
  matrix('Sum', 'Euclidean norm', (x) => tf.norm(x)),
  matrix('Mean', 'over the last axis', (x) => tf.mean(x, 1)),
  matrix('Mean', 'over the first and the last axis, kept', (x) => tf.mean(x, [0, 2], true), {
    shapes: [[[40, 30, 2]]],
  }),
  matrix('Mean', 'of booleans', (x) => tf.mean(positive(x), 1), constant),
  matrix('Mean', 'of integers', (x) => tf.mean(tf.cast(tf.mul(x, 3), 'int32'), 1), constant),
  matrix('Mean', 'over images: global average pooling', (x) => tf.mean(x, [1, 2]), { shapes: [[[2, 3, 3, 4]]] }),
  matrix('Max', 'over the last axis', (x) => tf.max(x, 1)),
  matrix('Max', 'with ties', (x) => tf.max(x, 1), { values: 'tied' }),
  matrix('Max', 'over images: global max pooling', (x) => tf.max(x, [1, 2]), { shapes: [[[2, 3, 3, 4]]] }),
  matrix('Max', 'in logSoftmax', (x) => tf.logSoftmax(x)),
  matrix('Max', 'in logSumExp', (x) => tf.logSumExp(x, 1)),
  matrix('Min', 'over the first axis, kept', (x) => tf.min(x, 0, true)),
  matrix('Prod', 'over the last axis', (x) => tf.prod(x, 1), { shapes: [[[3, 4]], [[1, 5]]] }),
  matrix('Prod', 'over the first axis', (x) => tf.prod(x, 0), { shapes: [[[3, 4]]], ...constant }),
  matrix('Cumprod', 'over the last axis', (x) => tf.cumprod(x, 1), { shapes: [[[3, 4]], [[2, 7]]], ...constant }),
  matrix('Cumprod', 'exclusive, in reverse', (x) => tf.cumprod(x, 0, true, true), { shapes: [[[5, 3]]], ...constant }),
  matrix('Cumsum', 'over the last axis', (x) => tf.cumsum(x, 1)),
  matrix('Cumsum', 'exclusive, over the first axis', (x) => tf.cumsum(x, 0, true)),
  matrix('Cumsum', 'in reverse', (x) => tf.cumsum(x, 1, false, true), { shapes: [[[2, 5, 3]]] }),
  matrix('All', 'over the last axis', (x) => tf.all(positive(x), 1), constant),
  matrix('Any', 'over the first axis, kept', (x) => tf.any(positive(x), 0, true), constant),
  matrix('ArgMax', 'over the last axis', (x) => tf.argMax(x, -1), constant),
  matrix('ArgMax', 'with ties', (x) => tf.argMax(x, 0), { values: 'tied', ...constant }),
  matrix('ArgMin', 'over the last axis', (x) => tf.argMin(x, -1), constant),
  matrix('ArgMin', 'with ties', (x) => tf.argMin(x, 0), { values: 'tied', ...constant }),
  matrix('Softmax', 'over the last axis', (x) => tf.softmax(x)),
  product('matrices', (a, b) => tf.matMul(a, b), [
    [
      [3, 4],
      [4, 5],
    ],
    [
      [1, 7],
      [7, 1],
    ],
    [
      [6, 20],
      [20, 18],
    ],
    [
      [2, 3, 4],
      [2, 4, 5],
    ],
    [
      [2, 3, 4, 5],
      [2, 3, 5, 2],
    ],
  ]),
  product('one matrix for a batch', (a, b) => tf.matMul(a, b), [
    [
      [2, 3, 4],
      [1, 4, 5],
    ],
  ]),
  product('first transposed', (a, b) => tf.matMul(a, b, true, false), [
    [
      [4, 3],
      [4, 5],
    ],
    [
      [2, 4, 3],
      [2, 4, 5],
    ],
  ]),
  product('second transposed', (a, b) => tf.matMul(a, b, false, true), [
    [
      [3, 4],
      [5, 4],
    ],
    [
      [5, 18],
      [20, 18],
    ],
  ]),
  product('both transposed', (a, b) => tf.matMul(a, b, true, true), [
    [
      [4, 3],
      [5, 4],
    ],
    [
      [2, 4, 3],
      [2, 5, 4],
    ],
  ]),
  product('scaled dot-product attention', (q, k) => tf.matMul(tf.softmax(tf.matMul(q, k, false, true)), k), [
    [
      [2, 3, 4],
      [2, 5, 4],
    ],
  ]),
];
