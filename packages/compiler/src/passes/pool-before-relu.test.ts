import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { type Graph, print, topologicalOrder } from '../ir/index.js';
import { trace } from '../trace/index.js';
import { poolBeforeRelu } from './pool-before-relu.js';
import { simplify } from './simplify.js';

/** The gradient of `f` summed up, as a graph, for images of 4 by 4. */
function gradientOf(f: (x: tf.Tensor4D) => tf.Tensor): Graph {
  return trace(({ builder, tensor, value }) => {
    const x = tensor(builder.input('x', [1, 4, 4, 2], 'float32')) as tf.Tensor4D;
    const c = tensor(builder.input('c', [1, 2, 2, 2], 'float32'));
    return simplify({ gradient: value(tf.grad((at) => tf.sum(tf.mul(f(at as tf.Tensor4D), c)))(x)) });
  });
}

const poolOf = (x: tf.Tensor4D): tf.Tensor => tf.maxPool(x, 2, 2, 'valid');
/** Operations on as many elements as there are before the pool. */
const large = (graph: Graph): string[] =>
  topologicalOrder(graph)
    .filter(({ shape }) => shape[1] === 4)
    .map(({ op }) => op);

describe('poolBeforeRelu', () => {
  it('rectifies, and masks the gradient of, what is left by the pool', () => {
    const graph = gradientOf((x) => poolOf(tf.relu(x)));
    expect(large(graph)).toContain('relu');
    expect(large(poolBeforeRelu(graph))).toEqual(['input', 'maxPoolGradient']);
  });

  it('leaves a mask that is of something else', () => {
    const graph = gradientOf((x) => poolOf(tf.relu(tf.mul(x, tf.cast(tf.greater(x, 1), 'float32')))));
    expect(large(poolBeforeRelu(graph))).toContain('greater');
  });

  it('leaves a pool alone that has no relu', () => {
    const graph = gradientOf((x) => poolOf(tf.tanh(x)));
    expect(print(poolBeforeRelu(graph))).toBe(print(graph));
  });

  it("sums a pool's gradient over an image before it is scattered", () => {
    const graph = trace(({ builder, tensor, value }) => {
      const bias = tensor(builder.input('bias', [2], 'float32'));
      const x = tensor(builder.input('x', [1, 4, 4, 2], 'float32'));
      const f = (b: tf.Tensor): tf.Scalar => tf.sum(tf.square(poolOf(tf.add(x, b))));
      return poolBeforeRelu(simplify({ gradient: value(tf.grad(f)(bias)) }));
    });
    expect(topologicalOrder(graph).map(({ op }) => op)).not.toContain('maxPoolGradient');
  });
});
