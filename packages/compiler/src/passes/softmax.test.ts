import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { type Graph, topologicalOrder } from '../ir/index.js';
import { trace } from '../trace/index.js';
import { simplify } from './simplify.js';
import { recogniseSoftmax } from './softmax.js';

function traced(shape: readonly number[], f: (x: tf.Tensor) => Readonly<Record<string, tf.Tensor>>): Graph {
  return trace(({ builder, tensor, value }) =>
    simplify(
      Object.fromEntries(
        Object.entries(f(tensor(builder.input('x', shape, 'float32')))).map(([name, y]) => [name, value(y)]),
      ),
    ),
  );
}

const operations = (graph: Graph): string[] => topologicalOrder(graph).map(({ op }) => op);

describe('recogniseSoftmax', () => {
  it("makes one log-softmax and no other exponential of tfjs's softmax cross-entropy and its gradient", () => {
    const labels = tf.oneHot(tf.tensor1d([0, 2], 'int32'), 3);
    const loss = (x: tf.Tensor): tf.Scalar => tf.losses.softmaxCrossEntropy(labels, x).asScalar();
    const graph = recogniseSoftmax(traced([2, 3], (x) => ({ loss: loss(x), gradient: tf.grad(loss)(x) })));
    const found = operations(graph);
    expect(found.filter((op) => op === 'logSoftmax')).toHaveLength(1);
    expect(found).not.toContain('log');
    expect(found).not.toContain('reduceMax');
  });

  it('makes softmax of the gradient alone', () => {
    const labels = tf.oneHot(tf.tensor1d([0, 2], 'int32'), 3);
    const gradient = tf.grad((x) => tf.losses.softmaxCrossEntropy(labels, x));
    const found = operations(recogniseSoftmax(traced([2, 3], (x) => ({ gradient: gradient(x) }))));
    expect(found).toContain('softmax');
    expect(found).not.toContain('exp');
  });

  it('leaves a log-sum-exp that is subtracted along the other axis as it is', () => {
    const found = operations(recogniseSoftmax(traced([3, 3], (x) => ({ y: tf.sub(x, tf.logSumExp(x, 1)) }))));
    expect(found).not.toContain('logSoftmax');
  });

  it('leaves a log-sum-exp of something else as it is', () => {
    const found = operations(
      recogniseSoftmax(traced([2, 3], (x) => ({ y: tf.sub(x, tf.logSumExp(tf.neg(x), 1, true)) }))),
    );
    expect(found).not.toContain('logSoftmax');
  });

  it('leaves a log-sum-exp over the first axis as it is', () => {
    const found = operations(recogniseSoftmax(traced([3, 1], (x) => ({ y: tf.sub(x, tf.logSumExp(x, 0, true)) }))));
    expect(found).not.toContain('logSoftmax');
  });
});
