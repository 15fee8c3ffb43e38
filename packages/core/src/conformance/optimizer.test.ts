import { describe, expect, it } from 'vitest';
import { titlesOfFailures } from '../../testing/titles-of-failures.js';
import type { Optimizer } from '../contracts/index.js';
import { defineOptimizer } from '../plugins/index.js';
import { optimizerConformance } from './optimizer.js';

function failures(optimizer: () => Optimizer): Promise<readonly string[]> {
  const plugin = defineOptimizer({
    name: 'mine',
    options: { type: 'object', description: 'For tests.', additionalProperties: false, properties: {} },
    create: optimizer,
  });
  return titlesOfFailures(optimizerConformance(plugin));
}

const rate = 0.01;
type Step = Parameters<Optimizer['update']>[0];
const plain = ({ tf, parameter, gradient }: Step) => ({ parameter: tf.sub(parameter, tf.mul(rate, gradient)) });

const momentum: Optimizer = {
  slots: ['velocity'],
  update: ({ tf, parameter, gradient, slots }) => {
    const velocity = tf.add(tf.mul(0.9, slots['velocity'] ?? 0), gradient);
    return { parameter: tf.sub(parameter, tf.mul(rate, velocity)), slots: { velocity } };
  },
};

describe('the conformance suite of optimizers', () => {
  it('passes gradient descent, momentum and weight decay', async () => {
    expect(await failures(() => ({ update: plain }))).toEqual([]);
    expect(await failures(() => momentum)).toEqual([]);
    const decay: Optimizer = {
      update: (step) => plain({ ...step, gradient: step.tf.add(step.gradient, step.tf.mul(0.1, step.parameter)) }),
    };
    expect(await failures(() => decay)).toEqual([]);
  });

  it('finds a parameter of another shape', async () => {
    const summing: Optimizer = { update: ({ tf, parameter }) => ({ parameter: tf.sum(parameter) }) };
    expect(await failures(() => summing)).toContain(
      'keeps the shapes of parameters, and returns every slot that it names',
    );
  });

  it('finds a slot that is named and not returned, and one that is returned and not named', async () => {
    expect(await failures(() => ({ slots: ['velocity'], update: plain }))).toContain(
      'keeps the shapes of parameters, and returns every slot that it names',
    );
    const unnamed: Optimizer = { update: (step) => ({ ...plain(step), slots: { velocity: step.gradient } }) };
    expect(await failures(() => unnamed)).toEqual(['returns no slot that it does not name']);
  });

  it('finds a division by a gradient of zero', async () => {
    const normalised: Optimizer = {
      update: ({ tf, parameter, gradient }) => ({
        parameter: tf.sub(parameter, tf.mul(rate, tf.div(gradient, tf.sqrt(tf.sum(tf.square(gradient)))))),
      }),
    };
    expect(await failures(() => normalised)).toContain('leaves zero parameters at zero where gradients are zero');
  });

  it('finds one that moves without a gradient', async () => {
    const drifting: Optimizer = {
      update: (step) => ({ parameter: step.tf.add(plain(step).parameter, 0.001) }),
    };
    expect(await failures(() => drifting)).toContain('leaves zero parameters at zero where gradients are zero');
    const growing: Optimizer = { update: (step) => ({ parameter: step.tf.mul(plain(step).parameter, 1.001) }) };
    expect(await failures(() => growing)).toEqual(['does not grow parameters where gradients are zero']);
  });

  it('finds one that goes uphill, or nowhere', async () => {
    const uphill: Optimizer = {
      update: (step) => plain({ ...step, gradient: step.tf.neg(step.gradient) }),
    };
    expect(await failures(() => uphill)).toEqual(['goes down a bowl']);
    expect(await failures(() => ({ update: ({ tf, parameter }) => ({ parameter: tf.mul(parameter, 1) }) }))).toEqual([
      'goes down a bowl',
    ]);
  });

  it('finds one that counts its calls itself', async () => {
    let calls = 0;
    const counting: Optimizer = {
      update: ({ tf, parameter, gradient }) => ({ parameter: tf.sub(parameter, tf.mul(rate / ++calls, gradient)) }),
    };
    expect(await failures(() => counting)).toContain('compiles, to the same program each time');
  });
});
