import type { ModelRandom, Tensor, Tf } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';

/** The random tensors of a step, and a tfjs that draws from them. */
export interface KeyedRandom extends ModelRandom {
  readonly tf: Tf;
}

type Uniform = (shape: readonly number[]) => Tensor;

/** Random tensors from keyed uniform numbers. */
export function keyedRandom(tf: Tf, uniform: Uniform): KeyedRandom {
  const dropout = (x: Tensor, rate: number, shape: readonly number[] = x.shape): Tensor => {
    if (!(rate >= 0 && rate < 1))
      throw new FedxError('FEDX_PLUGIN_FAILED', `A dropout rate lies in [0, 1), but this one is ${rate}.`);
    if (rate === 0) return x;
    const kept = tf.cast(tf.less(uniform(shape), 1 - rate), 'float32');
    return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
  };
  return { uniform, dropout, tf: keyedTf(tf, uniform, dropout) };
}

/** What evaluation gets: dropout that leaves its input as it is, and no numbers. */
export function drawsNothing(tf: Tf): KeyedRandom {
  const refuse: Uniform = () => {
    throw new FedxError('FEDX_COMPILE_FAILED', 'A model draws random numbers in evaluation, where there are none.', {
      hint: "Draw only where mode is 'train'.",
    });
  };
  return { uniform: refuse, dropout: (x) => x, tf: keyedTf(tf, refuse, (x) => x) };
}

/**
 * tfjs with its random operations keyed. Its own draw in JavaScript while a function is traced, so that one draw
 * would become a constant of the program.
 */
function keyedTf(
  tf: Tf,
  uniform: Uniform,
  dropout: (x: Tensor, rate: number, shape?: readonly number[]) => Tensor,
): Tf {
  const randomUniform = (shape: readonly number[], low = 0, high = 1) =>
    tf.add(tf.mul(uniform(shape), high - low), low);
  /** Box and Muller 1958. */
  const randomNormal = (shape: readonly number[], mean = 0, deviation = 1) => {
    const radius = tf.sqrt(tf.mul(tf.log(tf.sub(1, uniform(shape))), -2));
    const normal = tf.mul(radius, tf.cos(tf.mul(uniform(shape), 2 * Math.PI)));
    return tf.add(tf.mul(normal, deviation), mean);
  };
  const replaced = {
    randomUniform,
    randomNormal,
    randomStandardNormal: (shape: readonly number[]) => randomNormal(shape),
    dropout: (x: Tensor, rate: number, shape?: readonly number[]) => dropout(x, rate, shape),
    ...Object.fromEntries(
      ['multinomial', 'rand', 'randomGamma', 'randomUniformInt', 'truncatedNormal'].map((name) => [
        name,
        refused(name),
      ]),
    ),
  };
  return { ...tf, ...replaced } as unknown as Tf;
}

function refused(name: string): () => never {
  return () => {
    throw new FedxError(
      'FEDX_COMPILE_UNSUPPORTED_OP',
      `tf.${name} draws while the function is traced: one draw would become a constant of the program.`,
      { hint: 'Use random.uniform, tf.randomUniform, tf.randomNormal or random.dropout.' },
    );
  };
}
