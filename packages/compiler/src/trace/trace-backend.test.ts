import { runInThisContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { print } from '../ir/index.js';
import { registerGradients, trace } from './index.js';

/** The results of `f` as IR, `f` called with a float32 input of each shape. */
function traced(f: (...x: tf.Tensor[]) => tf.Tensor, ...shapes: (readonly number[])[]): string {
  return trace(({ builder, tensor, value }) =>
    print({ y: value(f(...shapes.map((shape, i) => tensor(builder.input(`x${i}`, shape, 'float32'))))) }),
  );
}

/** A function that stands in a file of its own, as a plugin's does. */
function fromFile(body: string): (x: tf.Tensor) => tf.Tensor {
  const source = `(tf) => (x) => {\n  ${body}\n}`;
  const make = runInThisContext(source, { filename: '/plugins/model.js' }) as (
    tfjs: typeof tf,
  ) => (x: tf.Tensor) => tf.Tensor;
  return make(tf);
}

/** Calls `f` with numbers, with stacks as deep as those of a trace. */
function eagerly(f: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 100;
  try {
    return f(tf.tensor1d([1, 2, 3]));
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

describe('trace', () => {
  it('notes operations with their shapes instead of computing them', () => {
    expect(
      traced((x, w, b) => tf.relu(tf.add(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), b)), [8, 3], [3, 4], [4]),
    ).toBe(
      [
        '%0 = input() {"name":"x0"} : float32[8,3]',
        '%1 = input() {"name":"x1"} : float32[3,4]',
        '%2 = matmul(%0, %1) {"transposeA":false,"transposeB":false,"alpha":1} : float32[8,4]',
        '%3 = input() {"name":"x2"} : float32[4]',
        '%4 = add(%2, %3) : float32[8,4]',
        '%5 = relu(%4) : float32[8,4]',
        'return y = %5',
      ].join('\n'),
    );
  });

  it("runs tfjs's own autodiff: the gradient of the sum of squares is 2 x", () => {
    const gradient = traced(
      tf.grad((x) => tf.sum(tf.square(x))),
      [3],
    );
    expect(gradient).toContain('constant() [2]');
    expect(gradient).toMatch(/mul\(%\d+, %\d+\) : float32\[3\]/);
  });

  it('keeps a tensor from outside as a constant', () => {
    const outside = tf.tensor1d([1, 2, 4]);
    expect(traced((x) => tf.mul(x, outside), [3])).toContain('constant() [1, 2, 4] : float32[3]');
  });

  it('keeps booleans from outside as booleans, so that they can be conditions', () => {
    const mask = tf.tensor1d([1, 0, 1], 'bool');
    expect(traced((x) => tf.where(mask, x, tf.scalar(0)), [3])).toContain(': bool[3]');
  });

  it('leaves a tensor from outside where it is', async () => {
    await tf.setBackend('cpu');
    const outside = tf.tensor1d([1, 2, 4]);
    traced((x) => tf.mul(x, outside), [3]);
    expect([...outside.dataSync()]).toEqual([1, 2, 4]);
  });

  it('refuses a tensor that was made in an earlier trace', () => {
    let kept: tf.Tensor | undefined;
    const f = (x?: tf.Tensor): tf.Tensor => tf.mul(x as tf.Tensor, (kept ??= tf.keep(tf.exp(x as tf.Tensor))));
    traced(f, [3]);
    expect(() => traced(f, [3])).toThrow(expect.objectContaining({ code: 'COMPILE_IMPURE' }));
  });

  it('makes one number, broadcast, of a constant that repeats it', () => {
    expect(traced((x) => tf.add(x, tf.ones([20, 30])), [30])).toContain('broadcast(%1) {"shape":[20,30]}');
  });

  it.each([
    ['x.dataSync();', 'reads the value of a tensor'],
    ['return x.arraySync()[0] > 0 ? x : tf.neg(x);', 'reads the value of a tensor'],
    ['x.print();', 'reads the value of a tensor'],
    ['return tf.mul(x, Math.random());', 'Math.random'],
  ])("refuses %s with a stack that reaches the author's line", (body, message) => {
    const f = fromFile(body);
    expect(() => traced(f as never, [3])).toThrow(
      expect.objectContaining({
        code: 'COMPILE_IMPURE',
        message: expect.stringContaining(message),
        stack: expect.stringContaining('/plugins/model.js:2:'),
      }),
    );
  });

  it('names an operation that cannot be compiled, with a stack that reaches the line that calls it', () => {
    const f = fromFile('return tf.topk(x, 2).values;');
    expect(() => traced(f as never, [3])).toThrow(
      expect.objectContaining({
        code: 'COMPILE_UNSUPPORTED_OP',
        details: { op: 'TopK' },
        message: expect.stringMatching(/TopK cannot be compiled: use tf\.max/),
        stack: expect.stringContaining('/plugins/model.js:2:'),
      }),
    );
  });

  it.each([
    ['traced', (f: (x: tf.Tensor) => tf.Tensor) => traced(f, [3])],
    ['eager', eagerly],
  ])('names an operation without a gradient, with a stack that reaches the line that calls it: %s', (_, run) => {
    registerGradients();
    const f = fromFile('const y = tf.cumprod(x);\n  return tf.sum(y);');
    expect(() => run(tf.grad(f))).toThrow(
      expect.objectContaining({
        code: 'COMPILE_UNSUPPORTED_OP',
        details: { op: 'Cumprod' },
        message: expect.stringMatching(/Cumprod has no gradient: .*tf\.cumsum/),
        stack: expect.stringContaining('/plugins/model.js:2:'),
      }),
    );
  });

  it.each([
    ["return tf.gather(x, tf.tensor3d([[[0], [1]]], [1, 2, 1], 'int32'), 2, 1);", [1, 2, 3]],
    ["return tf.unsortedSegmentSum(x, tf.tensor2d([[0, 1]], [1, 2], 'int32'), 2);", [1, 2]],
    ["return tf.grad((y) => tf.sum(tf.maxPool(y, 2, 2, 0, 'ceil')))(x);", [1, 3, 3, 1]],
    ['return tf.conv2d(x, tf.ones([2, 1, 1, 1]), 2, 0);', [1, 7, 5, 1]],
    ['return tf.conv2d(x, tf.ones([3, 1, 1, 1]), 1, 1);', [1, 4, 4, 1]],
    ['return tf.maxPool(x, 2, [2, 1], 0);', [1, 3, 4, 1]],
  ])('refuses what it would compile wrongly: %s', (body, shape) => {
    const refused = expect.objectContaining({
      code: 'COMPILE_UNSUPPORTED_OP',
      stack: expect.stringContaining('/plugins/model.js:2:'),
    });
    expect(() => traced(fromFile(body) as never, shape)).toThrow(refused);
  });

  it.each([
    ["return tf.atan(tf.cast(x, 'int32'));", 'Atan of int32'],
    ['return tf.max(tf.greater(x, 0));', 'Max of bool'],
    ['return tf.mul(tf.greater(x, 0), tf.less(x, 1));', 'Multiply of bool and bool'],
    ["return tf.matMul(tf.cast(x, 'int32'), tf.cast(x, 'int32'), true);", 'BatchMatMul of int32 and int32'],
  ])('refuses types that engines do not take, and says what to do: %s', (body, named) => {
    expect(() => traced(fromFile(body) as never, [1, 3])).toThrow(
      expect.objectContaining({
        code: 'COMPILE_UNSUPPORTED_OP',
        message: `The tfjs operation ${named} cannot be compiled: cast its operands, as in tf.cast(x, 'float32').`,
        stack: expect.stringContaining('/plugins/model.js:2:'),
      }),
    );
  });

  it.each<[string, readonly number[], string]>([
    [
      'tf.slice(x, [0, 2], [-1, 2])',
      [2, 3],
      'Slice does not take [2, 3]: a slice has to lie inside, and begins at [0, 2] with a size of [2, 2].',
    ],
    [
      'tf.slice(x, [0, -2], [-1, 2])',
      [2, 3],
      'Slice does not take [2, 3]: a slice has to lie inside, and begins at [0, -2] with a size of [2, 2].',
    ],
    [
      'tf.slice(x, [0, 4])',
      [2, 3],
      'Slice does not take [2, 3]: a slice has to lie inside, and begins at [0, 4] with a size of [2, -1].',
    ],
    [
      'tf.pad(x, [[0, 1], [-1, 0]])',
      [2, 3],
      'PadV2 does not take [2, 3]: paddings cannot be negative, and are [0, 1], [-1, 0].',
    ],
    [
      'tf.matMul(x, x)',
      [2, 3],
      'BatchMatMul does not take [2, 3] and [2, 3]: the inner sizes of a product have to be the same, and are 3 and 2.',
    ],
    [
      'tf.concat([x, tf.transpose(x)], 1)',
      [2, 3],
      'Concat does not take [2, 3] and [3, 2]: sizes along all axes but 1 have to be the same.',
    ],
    [
      'tf.transpose(x, [1, 1])',
      [2, 3],
      'Transpose does not take [2, 3]: a permutation names each axis from 0 to 1 once, and is [1, 1].',
    ],
    [
      "tf.conv2d(x, tf.ones([2, 2, 1, 1]), 1, 'valid', 'NHWC', 3)",
      [1, 5, 3, 1],
      'Conv2D does not take [1, 5, 3, 1] and [2, 2, 1, 1]: a window of 4 by 4 has to fit into images that are, with their padding, 5 by 3.',
    ],
    [
      "tf.depthwiseConv2d(x, tf.ones([3, 1, 1, 1]), 2, 'valid')",
      [1, 2, 3, 1],
      'DepthwiseConv2dNative does not take [1, 2, 3, 1] and [3, 1, 1, 1]: a window of 3 by 1 has to fit into images that are, with their padding, 2 by 3.',
    ],
    [
      "tf.maxPool(x, 3, 1, 'valid')",
      [1, 2, 3, 1],
      'MaxPool does not take [1, 2, 3, 1]: a window of 3 by 3 has to fit into images that are, with their padding, 2 by 3.',
    ],
    [
      "tf.avgPool(x, [1, 9], 2, 'valid')",
      [1, 2, 3, 1],
      'AvgPool does not take [1, 2, 3, 1]: a window of 1 by 9 has to fit into images that are, with their padding, 2 by 3.',
    ],
  ])("refuses shapes that tfjs's kernels do not take, at the author's line: %s", (body, shape, message) => {
    expect(() => traced(fromFile(`return ${body};`) as never, shape)).toThrow(
      expect.objectContaining({
        code: 'COMPILE_INVALID',
        message: `The tfjs operation ${message}`,
        stack: expect.stringContaining('/plugins/model.js:2:'),
      }),
    );
  });

  it('leaves tfjs and Math.random as they were, also after a failure', async () => {
    await tf.setBackend('cpu');
    const { random } = Math;
    const { stackTraceLimit } = Error;
    expect(() =>
      traced(
        tf.grad((x) => tf.sum(tf.topk(tf.exp(x), 2).values)),
        [3],
      ),
    ).toThrow(expect.objectContaining({ code: 'COMPILE_UNSUPPORTED_OP' }));
    expect(Math.random).toBe(random);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
    expect(tf.getBackend()).toBe('cpu');
    expect([
      ...tf
        .grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([3]))
        .dataSync(),
    ]).toEqual([6]);
    expect(traced((x) => tf.exp(x), [3])).toContain('exp(%0) : float32[3]');
  });
});
