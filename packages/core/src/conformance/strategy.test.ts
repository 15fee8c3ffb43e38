import { describe, expect, it } from 'vitest';
import { titlesOfFailures } from '../../testing/titles-of-failures.js';
import type { Parameters, Strategy } from '../contracts/index.js';
import { add, scale, subtract, zerosLike } from '../parameters/index.js';
import { defineStrategy } from '../plugins/index.js';
import { type StrategyClaims, strategyConformance } from './strategy.js';

function failures(strategy: () => Strategy<never>, claims: StrategyClaims = {}): Promise<readonly string[]> {
  const plugin = defineStrategy({
    name: 'mine',
    options: { type: 'object', description: 'For tests.', additionalProperties: false, properties: {} },
    create: strategy,
  });
  return titlesOfFailures(strategyConformance(plugin, { claims }));
}

const averaging: Strategy<never> = { aggregate: ({ global, updates }) => ({ global: add(global, updates.mean()) }) };
const all = { still: true, unanimous: true, symmetric: true };

interface Momentum {
  readonly velocity: Parameters;
}

const momentum: Strategy<Momentum> = {
  init: ({ global }) => ({ velocity: zerosLike(global) }),
  aggregate: ({ global, state, updates }) => {
    const velocity = add(scale(state.velocity, 0.9), updates.mean());
    return { global: add(global, velocity), state: { velocity } };
  },
};

describe('the conformance suite of strategies', () => {
  it('passes federated averaging and server momentum, all claims included', async () => {
    expect(await failures(() => averaging, all)).toEqual([]);
    expect(await failures(() => momentum as Strategy<never>, all)).toEqual([]);
  });

  it('passes a client rule', async () => {
    const proximal: Strategy<never> = {
      ...averaging,
      client: {
        gradient: ({ tf, gradient, parameters, global }) =>
          Object.fromEntries(
            Object.entries(gradient).map(([name, tensor]) => [
              name,
              tf.add(tensor, tf.mul(0.1, tf.sub(parameters[name] ?? 0, global[name] ?? 0))),
            ]),
          ),
      },
    };
    expect(await failures(() => proximal, all)).toEqual([]);
  });

  it('passes control variates: a broadcast, a state and a report of each client', async () => {
    const variates: Strategy<Parameters, { c: Parameters }, { own: Parameters }, { change: Parameters }> = {
      init: ({ global }) => zerosLike(global),
      broadcast: ({ state }) => ({ c: state }),
      aggregate: ({ global, state, updates }) => ({
        global: add(global, updates.mean()),
        state: add(
          state,
          updates.mean(({ report }) => report.change),
        ),
      }),
      client: {
        init: ({ global }) => ({ own: zerosLike(global) }),
        gradient: ({ tf, gradient, broadcast, state }) =>
          Object.fromEntries(
            Object.entries(gradient).map(([name, tensor]) => [
              name,
              tf.add(tf.sub(tensor, state.own[name] ?? 0), broadcast.c[name] ?? 0),
            ]),
          ),
        end: ({ local, state }) => ({ state: { own: local }, report: { change: subtract(local, state.own) } }),
      },
    };
    expect(await failures(() => variates as unknown as Strategy<never>)).toEqual([]);
    const { end, ...rule } = variates.client ?? {};
    const silent = { ...variates, client: rule };
    expect(end).toBeDefined();
    expect(await failures(() => silent as unknown as Strategy<never>)).toContain(
      'aggregates the smallest cohort that it is for',
    );
  });

  it('passes parameters that stay with their clients, and finds a strategy that shares none', async () => {
    const partial: Strategy<never> = { ...averaging, shared: ({ role }) => role === 'weight' };
    expect(await failures(() => partial, all)).toEqual([]);
    expect(await failures(() => ({ ...averaging, shared: () => false }))).toContain(
      'shares some parameters, and weighs by examples or uniformly',
    );
  });

  it('finds a report that cannot be sent, and a rule for personal models that does not compile', async () => {
    const odd: Strategy<never> = { ...averaging, client: { end: () => ({ report: new Map() }) } };
    expect(await failures(() => odd)).toEqual([
      'keeps its state, and what travels and stays with clients, as plain data',
    ]);
    const personal: Strategy<never> = { ...averaging, personal: { gradient: () => ({}) } };
    expect(await failures(() => personal)).toEqual([
      'has a rule for personal models that compiles to the same program each time, if it has one',
    ]);
  });

  it('finds a parameter that is lost, and values that are not finite', async () => {
    const title = 'keeps the names and shapes of the parameters, and their values finite';
    const losing: Strategy<never> = {
      aggregate: ({ global: { gain: _, ...rest } }) => ({ global: rest }),
    };
    expect(await failures(() => losing)).toContain(title);
    expect(await failures(() => ({ aggregate: ({ global }) => ({ global: scale(global, Number.NaN) }) }))).toContain(
      title,
    );
  });

  it('finds one that divides by what is zero for a client with one example', async () => {
    const careless: Strategy<never> = {
      aggregate: ({ global, updates }) => ({
        global: add(
          global,
          updates.mean(undefined, ({ examples }) => 1 / (examples - 1)),
        ),
      }),
    };
    expect(await failures(() => careless)).toContain(
      'keeps the names and shapes of the parameters, and their values finite',
    );
  });

  it('finds one that needs two clients', async () => {
    const spread: Strategy<never> = {
      aggregate: ({ global, updates }) => ({ global: add(global, scale(updates.mean(), 1 / (updates.length - 1))) }),
    };
    expect(await failures(() => spread)).toEqual(['aggregates the smallest cohort that it is for']);
  });

  it('finds one that writes into its arguments', async () => {
    const inPlace: Strategy<never> = {
      aggregate: ({ global, updates }) => {
        const mean = updates.mean();
        for (const [name, { data }] of Object.entries(global))
          data.forEach((_, i) => (data[i] = (data[i] ?? 0) + (mean[name]?.data[i] ?? 0)));
        return { global };
      },
    };
    expect(await failures(() => inPlace)).toContain('leaves what it is given as it was');
    const velocityInPlace: Strategy<Momentum> = {
      ...momentum,
      aggregate: ({ global, state, updates }) => {
        const { gain } = state.velocity;
        gain?.data.fill(updates.length);
        return { global: add(global, state.velocity), state };
      },
    };
    expect(await failures(() => velocityInPlace as Strategy<never>)).toContain('leaves what it is given as it was');
  });

  it('finds one that remembers outside of its state', async () => {
    const hidden = (): Strategy<never> => {
      let velocity: Parameters | undefined;
      return {
        aggregate: ({ global, updates }) => {
          velocity = add(scale(velocity ?? zerosLike(global), 0.9), updates.mean());
          return { global: add(global, velocity) };
        },
      };
    };
    expect(await failures(hidden)).toEqual(['goes on from its state alone, as after an interruption']);
  });

  it('finds one that draws from elsewhere', async () => {
    let calls = 0;
    const noisy: Strategy<never> = {
      aggregate: ({ global, updates }) => ({ global: add(global, scale(updates.mean(), 1 + calls++ / 1000)) }),
    };
    expect(await failures(() => noisy)).toContain('gives the same for the same updates');
  });

  it.each([
    ['a Map', () => new Map([['round', 1]])],
    ['a function', () => () => 1],
    ['a bigint', () => 1n],
    ['a date in a list in a record', () => ({ at: [new Date(0)] })],
  ])('finds a state that cannot be written down: %s', async (_, make) => {
    const odd: Strategy<never> = { init: make as never, aggregate: ({ global, state }) => ({ global, state }) };
    expect(await failures(() => odd)).toContain(
      'keeps its state, and what travels and stays with clients, as plain data',
    );
  });

  it('finds a client rule of other shapes, and one that does not compile', async () => {
    const title = 'has a client rule that compiles to the same program each time, if it has one';
    const rule = (gradient: NonNullable<NonNullable<Strategy['client']>['gradient']>) =>
      failures(() => ({ ...averaging, client: { gradient } }));
    expect(await rule(() => ({}))).toEqual([title]);
    expect(await rule(({ tf, gradient }) => ({ ...gradient, gain: tf.ones([2, 2]) }))).toEqual([title]);
    expect(
      await rule(({ gradient, tf }) => ({ ...gradient, gain: tf.scalar(gradient['gain']?.dataSync()[0] ?? 0) })),
    ).toEqual([title]);
    let calls = 0;
    expect(await rule(({ gradient, tf }) => ({ ...gradient, gain: tf.mul(gradient['gain'] ?? 0, ++calls) }))).toEqual([
      title,
    ]);
  });

  it('holds a strategy to what it claims', async () => {
    const shrinking: Strategy<never> = {
      aggregate: ({ global, updates }) => ({ global: add(scale(global, 0.9), updates.mean()) }),
    };
    expect(await failures(() => shrinking)).toEqual([]);
    expect(await failures(() => shrinking, all)).toEqual([
      'stays where it is if no client moved',
      'moves by the update that all clients agree on',
    ]);
    const favouring: Strategy<never> = {
      aggregate: ({ global, updates }) => ({
        global: add(
          global,
          updates.mean(undefined, ({ client }) => client + 1),
        ),
      }),
    };
    expect(await failures(() => favouring, all)).toEqual(['makes no difference between clients']);
  });
});
