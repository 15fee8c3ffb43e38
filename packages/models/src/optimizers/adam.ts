import { defineOptimizer, type OptimizerStep, type Scalar, type Tensor } from '@fedx/core';
import { beta1, beta2, epsilon, learningRate, weightDecay } from './options.js';

type AdamHyper = Readonly<Record<'beta1' | 'beta2' | 'epsilon', Scalar>>;

/** Mean and mean square of the gradient, corrected for their start at 0, t counted from 1 (Kingma and Ba 2015, algorithm 1). */
function moments<Hyper extends AdamHyper>(
  { tf, slots, step, hyper }: OptimizerStep<Hyper>,
  gradient: Tensor,
): { readonly direction: Tensor; readonly slots: { readonly mean: Tensor; readonly square: Tensor } } {
  const { mean: m = tf.zerosLike(gradient), square: v = tf.zerosLike(gradient) } = slots;
  const t = tf.add(step, 1);
  const decayed = (before: Tensor, beta: Scalar, now: Tensor) =>
    tf.add(tf.mul(before, beta), tf.mul(now, tf.sub(1, beta)));
  const corrected = (moment: Tensor, beta: Scalar) => tf.div(moment, tf.sub(1, tf.pow(beta, t)));
  const mean = decayed(m, hyper.beta1, gradient);
  const square = decayed(v, hyper.beta2, tf.square(gradient));
  const direction = tf.div(
    corrected(mean, hyper.beta1),
    tf.add(tf.sqrt(corrected(square, hyper.beta2)), hyper.epsilon),
  );
  return { direction, slots: { mean, square } };
}

const slots = ['mean', 'square'] as const;

/**
 * Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1). Its state starts anew each round. `weightDecay` is an L2 penalty
 * in the gradient, as in PyTorch's Adam.
 */
export const adam = defineOptimizer({
  name: 'adam',
  options: {
    type: 'object',
    description: 'Adam (Kingma and Ba 2015); weight decay is an L2 penalty in the gradient.',
    additionalProperties: false,
    required: ['learningRate'],
    properties: { learningRate, beta1, beta2, epsilon, weightDecay },
  },
  create: ({ weightDecay: decay }) => ({
    slots,
    update(call) {
      const { tf, parameter, gradient, hyper } = call;
      const g = decay === 0 ? gradient : tf.add(gradient, tf.mul(parameter, hyper.weightDecay));
      const { direction, slots: next } = moments(call, g);
      return { parameter: tf.sub(parameter, tf.mul(direction, hyper.learningRate)), slots: next };
    },
  }),
});

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2), scaled by the learning rate as in PyTorch. */
export const adamw = defineOptimizer({
  name: 'adamw',
  options: {
    type: 'object',
    description: 'Adam with decoupled weight decay (Loshchilov and Hutter 2019).',
    additionalProperties: false,
    required: ['learningRate'],
    properties: {
      learningRate,
      beta1,
      beta2,
      epsilon,
      weightDecay: {
        type: 'number',
        minimum: 0,
        default: 0.01,
        description: 'The parameter shrinks by learningRate times this in each step.',
      },
    },
  },
  create: () => ({
    slots,
    update(call) {
      const { tf, parameter, gradient, hyper } = call;
      const { direction, slots: next } = moments(call, gradient);
      const shrunk = tf.mul(parameter, tf.sub(1, tf.mul(hyper.learningRate, hyper.weightDecay)));
      return { parameter: tf.sub(shrunk, tf.mul(direction, hyper.learningRate)), slots: next };
    },
  }),
});
