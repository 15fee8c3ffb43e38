/**
 * What an author's editor knows of a plugin, from its schema and its init. Checked by the compiler, here and in a package
 * that consumes the tarballs: a line under @ts-expect-error that is right, or another line that is wrong, fails there.
 */
import {
  defineDataset,
  defineMetric,
  defineModel,
  defineOptimizer,
  definePartitioner,
  defineSampler,
  defineSink,
  defineStrategy,
  type Parameters,
  parameters as p,
} from '@fedx/core';

/** Compiles where `Actual` is exactly `Expected`; `any` is nothing but `any`. */
function exactly<Expected>() {
  return <Actual>(
    _value: Actual,
    ..._same: Same<Actual, Expected> extends true ? [] : ['not the same type']
  ): void => {};
}
type Same<A, B> = IsAny<A> extends true ? false : [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type IsAny<A> = 0 extends 1 & A ? true : false;

export const options = defineSampler({
  name: 'options',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['clients'],
    properties: {
      clients: { type: 'integer' },
      share: { type: 'number', default: 0.5 },
      order: { type: 'string', enum: ['up', 'down'], default: 'up' },
      sizes: { type: 'array', items: { type: 'integer' } },
      batch: { anyOf: [{ type: 'integer' }, { const: 'all' }], default: 'all' },
      nested: {
        type: 'object',
        additionalProperties: false,
        required: ['deep'],
        properties: { deep: { type: 'boolean' } },
      },
    },
  },
  sample: (given, { round, examples, random }) => {
    exactly<number>()(given.clients);
    // A default is filled in: the option is there.
    exactly<number>()(given.share);
    exactly<'up' | 'down'>()(given.order);
    exactly<number[] | undefined>()(given.sizes);
    exactly<number | 'all'>()(given.batch);
    exactly<boolean | undefined>()(given.nested?.deep);
    exactly<number>()(round);
    exactly<readonly number[]>()(examples);
    exactly<number>()(random.uniform());
    // @ts-expect-error: a misspelt option does not exist.
    const misspelt: unknown = given.client;
    // @ts-expect-error: a number has no length; nothing here has silently become any.
    const length: unknown = given.clients.length;
    // @ts-expect-error: an option without a default may be missing.
    const sizes: readonly number[] = given.sizes;
    // @ts-expect-error: the enum has no such word.
    const never = given.order === 'sideways';
    return misspelt === length && never ? sizes : [0];
  },
});

export const noOptions = defineSampler({
  name: 'no-options',
  options: { type: 'object', additionalProperties: false, properties: {} },
  // @ts-expect-error: there is no option to take.
  sample: ({ clients }) => (clients === undefined ? [] : [0]),
});

export const stateFromInit = defineStrategy({
  name: 'state-from-init',
  options: {
    type: 'object',
    additionalProperties: false,
    properties: { momentum: { type: 'number', default: 0.9 }, note: { type: 'string', default: '' } },
  },
  create: ({ momentum }, { random, log }) => ({
    init: ({ global }) => ({ velocity: p.zerosLike(global), rounds: 0 }),
    aggregate: ({ global, state, updates, round }) => {
      exactly<Parameters>()(state.velocity);
      exactly<number>()(state.rounds);
      exactly<Parameters>()(updates.mean());
      // @ts-expect-error: init makes no such thing.
      log(String(state.speed));
      // @ts-expect-error: the mean update is parameters.
      const mean: number = updates.mean();
      const velocity = p.add(p.scale(state.velocity, momentum + random.uniform()), updates.mean());
      return { global: p.add(global, velocity), state: { velocity, rounds: mean + round } };
    },
  }),
});

export const stateBesideHyper = defineStrategy({
  name: 'state-beside-hyper',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['alpha'],
    properties: {
      alpha: { type: 'number' },
      mu: { type: 'number', default: 0.1 },
      mode: { type: 'string', default: 'a' },
    },
  },
  create: ({ alpha }) => ({
    init: ({ global }) => ({ drift: p.zerosLike(global) }),
    aggregate: ({ global, state, updates }) => {
      exactly<Parameters>()(state.drift);
      return { global: p.add(global, p.scale(updates.mean(), alpha)), state };
    },
    client: {
      gradient: ({ tf, gradient, hyper }) => {
        // @ts-expect-error: only numeric options are inputs of the program.
        const mode: unknown = hyper.mode;
        // @ts-expect-error: there is no such option.
        const beta: unknown = hyper.beta;
        const factor = tf.add(hyper.mu, hyper.alpha);
        return mode === beta
          ? gradient
          : Object.fromEntries(Object.entries(gradient).map(([name, tensor]) => [name, tf.mul(tensor, factor)]));
      },
    },
  }),
});

export const wrongState = defineStrategy({
  name: 'wrong-state',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    init: () => ({ rounds: 0 }),
    // @ts-expect-error: the next state is of another type than the first.
    aggregate: ({ global }) => ({ global, state: { rounds: 'many' } }),
  }),
});

export const noState = defineStrategy({
  name: 'no-state',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    aggregate: ({ global, state }) => {
      exactly<undefined>()(state);
      return { global };
    },
  }),
});

export const optimizer = defineOptimizer({
  name: 'optimizer',
  options: {
    type: 'object',
    additionalProperties: false,
    required: ['learningRate'],
    properties: { learningRate: { type: 'number' }, nesterov: { type: 'boolean', default: false } },
  },
  create: ({ nesterov }) => {
    exactly<boolean>()(nesterov);
    return {
      update: ({ tf, parameter, gradient, hyper }) => {
        // @ts-expect-error: only numeric options are inputs of the program.
        const flag: unknown = hyper.nesterov;
        return { parameter: tf.sub(parameter, tf.mul(flag === 1 ? 1 : hyper.learningRate, gradient)) };
      },
    };
  },
});

export const noParameter = defineOptimizer({
  name: 'no-parameter',
  options: { type: 'object', additionalProperties: false, properties: {} },
  // @ts-expect-error: an update returns the parameter.
  create: () => ({ update: ({ gradient }) => ({ slots: { gradient } }) }),
});

export const model = defineModel({
  name: 'model',
  options: { type: 'object', additionalProperties: false, properties: { units: { type: 'integer', default: 3 } } },
  create: ({ units }, { inputShape, classes }) => {
    exactly<number>()(units);
    exactly<readonly number[]>()(inputShape);
    exactly<number>()(classes);
    return {
      init: () => ({ kernel: { shape: [units], data: new Float32Array(units) } }),
      apply: ({ inputs }) => ({ logits: inputs }),
    };
  },
});

export const noLogits = defineModel({
  name: 'no-logits',
  options: { type: 'object', additionalProperties: false, properties: {} },
  // @ts-expect-error: the logits have a name.
  create: () => ({ init: () => ({}), apply: ({ inputs }) => inputs }),
});

export const metric = defineMetric({
  name: 'metric',
  options: { type: 'object', additionalProperties: false, properties: { bins: { type: 'integer', default: 15 } } },
  create: ({ bins }) => {
    exactly<number>()(bins);
    return {
      measure: ({ tf, logits, labels, classes }) => ({ top: tf.max(logits, 1), own: tf.oneHot(labels, classes) }),
      finish: ({ examples, sums, total, values }) => {
        exactly<readonly number[]>()(sums('own'));
        exactly<Float32Array>()(values('top'));
        // @ts-expect-error: measure measures no such thing.
        const misspelt = total('owm');
        return { mean: total('top') / examples, misspelt };
      },
    };
  },
});

export const noNumber = defineMetric({
  name: 'no-number',
  options: { type: 'object', additionalProperties: false, properties: {} },
  // @ts-expect-error: a metric is a number.
  create: () => ({ measure: ({ logits }) => ({ logits }), finish: () => 'much' }),
});

export const sink = defineSink({
  name: 'sink',
  options: { type: 'object', additionalProperties: false, properties: { file: { type: 'string', default: 'x' } } },
  create: ({ file }, { run, signal }) => {
    exactly<string>()(file);
    exactly<string>()(run);
    exactly<AbortSignal>()(signal);
    return {
      write: (events) => {
        for (const event of events) {
          exactly<number>()(event.sequence);
          if (event.type === 'step-completed') exactly<Readonly<Record<string, number>>>()(event.metrics);
        }
      },
    };
  },
});

export const noWrite = defineSink({
  name: 'no-write',
  options: { type: 'object', additionalProperties: false, properties: {} },
  // @ts-expect-error: a sink writes.
  create: () => ({ end: () => undefined }),
});

export const partitioner = definePartitioner({
  name: 'partitioner',
  options: { type: 'object', additionalProperties: false, properties: { clients: { type: 'integer', default: 2 } } },
  partition: ({ clients }, { labels, classes }) => {
    exactly<number>()(clients);
    exactly<number>()(classes);
    return { examples: [Uint32Array.from(labels.keys())] };
  },
});

export const dataset = defineDataset({
  name: 'dataset',
  options: { type: 'object', additionalProperties: false, properties: { path: { type: 'string', default: '.' } } },
  // @ts-expect-error: a dataset without a digest cannot be told from others.
  load: async ({ path }, { signal, cache, directory }) => {
    signal.throwIfAborted();
    exactly<string>()(path);
    exactly<string>()(cache);
    exactly<string>()(directory);
    const inputs = new Uint8Array(2);
    return { examples: 2, inputShape: [1], inputs, scale: 1, labels: new Uint8Array(2), classes: 2 };
  },
});
