import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogueWith, never } from '../../../testing/minimal-spec.js';
import { isFedxError } from '../../errors/index.js';
import { defineOptimizer, definePartitioner, defineStrategy } from '../../plugins/index.js';
import { overridesText, parseSpec, renderDiagnostics, resolveSweep, type SeedRequest } from '../index.js';

const number = (more: object = {}) => ({ type: 'number', ...more }) as const;

const catalogue = catalogueWith(
  definePartitioner({
    name: 'iid',
    options: { type: 'object', properties: { clients: { type: 'integer', minimum: 1 } } } as const,
    partition: never,
  }),
  defineOptimizer({
    name: 'sgd',
    options: {
      type: 'object',
      properties: { learningRate: number({ exclusiveMinimum: 0 }) },
      required: ['learningRate'],
    } as const,
    create: never,
  }),
  defineStrategy({
    name: 'fedprox',
    options: { type: 'object', properties: { mu: number({ minimum: 0 }) }, required: ['mu'] } as const,
    create: never,
  }),
);

const base = `apiVersion: fedx/v1
name: swept
seed: 7
dataset: { use: digits }
partition: { use: iid, clients: 2 }
model: { use: mlp }
client: { optimizer: { use: sgd, learningRate: 0.1 } }
strategy: { use: fedprox, mu: 1 }
server: { rounds: 3 }
`;

async function points(sweep: string, overrides: readonly string[] = [], seeds?: SeedRequest) {
  const parsed = await parseSpec('spec.yaml', `${base}${sweep}`, overrides, seeds === undefined ? {} : { seeds });
  return resolveSweep(parsed, catalogue);
}

const overridesOf = async (sweep: string, overrides: readonly string[] = [], seeds?: SeedRequest) =>
  (await points(sweep, overrides, seeds)).map((point) => overridesText(point.overrides));

/** What a compiler would print. */
async function diagnosticsOf(sweep: string, overrides: readonly string[] = [], seeds?: SeedRequest): Promise<string> {
  try {
    await points(sweep, overrides, seeds);
  } catch (error) {
    if (isFedxError(error) && error.code === 'FEDX_SPEC_INVALID') return renderDiagnostics(error.diagnostics);
    throw error;
  }
  return 'nothing';
}

describe('a spec without a sweep', () => {
  it.each(['', 'sweep: {}'])('has one point that changes nothing: %j', async (sweep) => {
    const [point, ...others] = await points(sweep);
    expect(others).toEqual([]);
    expect(point).toMatchObject({ overrides: {}, spec: { seed: 7, strategy: { use: 'fedprox', mu: 1 } } });
    expect(point?.spec).not.toHaveProperty('sweep');
  });
});

describe('a grid', () => {
  it('is every combination, the axis that is written last moving fastest', async () => {
    expect(await overridesOf('sweep: { strategy.mu: [0, 0.01], seed: [1, 2, 3] }')).toEqual([
      'strategy.mu=0 seed=1',
      'strategy.mu=0 seed=2',
      'strategy.mu=0 seed=3',
      'strategy.mu=0.01 seed=1',
      'strategy.mu=0.01 seed=2',
      'strategy.mu=0.01 seed=3',
    ]);
  });

  it('resolves each point to what the same arguments make of the spec', async () => {
    const [, point] = await points('sweep: { client.optimizer.learningRate: [0.5, 0.25], client.epochs: [2] }');
    const [alone] = await points('', ['client.optimizer.learningRate=0.25', 'client.epochs=2']);
    expect(point?.spec).toEqual(alone?.spec);
    expect(Object.isFrozen(point?.spec.client)).toBe(true);
  });

  it('takes any value: another plugin with its options, a list, a key that the spec left to its default', async () => {
    const swept = await points(
      'sweep: { strategy: [{ use: fedavg }, { use: fedprox, mu: 2 }], controls: [[], [iid]] }',
    );
    expect(swept.map(({ spec }) => [spec.strategy, spec.controls.length])).toEqual([
      [{ use: 'fedavg' }, 0],
      [{ use: 'fedavg' }, 1],
      [{ use: 'fedprox', mu: 2 }, 0],
      [{ use: 'fedprox', mu: 2 }, 1],
    ]);
  });

  it.each(['strategy.use: [fedprox], strategy.mu: [3]', 'strategy.mu: [3], strategy.use: [fedprox]'])(
    'chooses a plugin before it sets its options, in whichever order they are written: %s',
    async (axes) => {
      const [point] = await points(`sweep: { ${axes} }`, ['strategy={use: fedavg}']);
      expect(point?.spec.strategy).toEqual({ use: 'fedprox', mu: 3 });
    },
  );

  it('may supply what the spec itself lacks', async () => {
    const [point] = await points('sweep: { server.rounds: [5] }', ['server={}']);
    expect(point?.spec.server.rounds).toBe(5);
  });

  it('has as many points as the product of its lengths, all different', async () => {
    const axis = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(axis, axis, async (rounds, epochs) => {
        const texts = await overridesOf(
          `sweep: { server.rounds: [${rounds.join()}], client.epochs: [${epochs.join()}] }`,
        );
        expect(new Set(texts).size).toBe(rounds.length * epochs.length);
      }),
      { numRuns: 20 },
    );
  });
});

describe('zip', () => {
  it('goes through its lists in step, and is combined with what stands beside it', async () => {
    const sweep = 'sweep: { zip: { client.epochs: [1, 2], server.rounds: [20, 10] }, seed: [1, 2] }';
    expect(await overridesOf(sweep)).toEqual([
      'client.epochs=1 server.rounds=20 seed=1',
      'client.epochs=1 server.rounds=20 seed=2',
      'client.epochs=2 server.rounds=10 seed=1',
      'client.epochs=2 server.rounds=10 seed=2',
    ]);
  });

  it('refuses lists of different lengths', async () => {
    const said = await diagnosticsOf('sweep: { zip: { client.epochs: [1, 2], server.rounds: [20] } }');
    expect(said).toContain('client.epochs has 2 values and server.rounds has 1');
    expect(said).toContain('spec.yaml:10:55');
  });
});

describe('random', () => {
  const space = `
    client.optimizer.learningRate: { logUniform: [0.001, 0.1] }
    strategy.mu: { uniform: [0, 2] }
    client.epochs: { integer: [1, 3] }
    client.batchSize: { choice: [16, all] }`;
  const sampled = async (samples: number, seed = 1) =>
    points(`sweep:\n  random:\n   samples: ${samples}\n   seed: ${seed}\n   space:${space}`);

  it('draws each path from its distribution', async () => {
    const drawn = await sampled(300);
    const of = <T>(pick: (spec: (typeof drawn)[number]['spec']) => T) => drawn.map(({ spec }) => pick(spec));
    const rates = of(({ client }) => client.optimizer['learningRate'] as number);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(0.001);
    expect(Math.max(...rates)).toBeLessThanOrEqual(0.1);
    // Half of the draws lie below the geometric mean; 300 draws stray from 150 by more than 50 once in 10^8.
    expect(Math.abs(rates.filter((rate) => rate < 0.01).length - 150)).toBeLessThan(50);
    const mus = of(({ strategy }) => strategy['mu'] as number);
    expect(Math.abs(mus.filter((mu) => mu < 1).length - 150)).toBeLessThan(50);
    expect(new Set(of(({ client }) => client.epochs))).toEqual(new Set([1, 2, 3]));
    expect(new Set(of(({ client }) => client.batchSize))).toEqual(new Set([16, 'all']));
  });

  it('draws the same again for the same seed, however many samples, and something else for another', async () => {
    const texts = async (samples: number, seed?: number) =>
      (await sampled(samples, seed)).map(({ overrides }) => overridesText(overrides));
    const five = await texts(5);
    expect((await texts(20)).slice(0, 5)).toEqual(five);
    expect(await texts(5, 2)).not.toEqual(five);
  });

  it('is combined with what stands beside it: the same samples for every seed', async () => {
    const texts = await overridesOf(
      'sweep: { random: { samples: 2, space: { strategy.mu: { uniform: [0, 1] } } }, seed: [1, 2] }',
    );
    expect(texts).toHaveLength(4);
    expect(texts[0]?.replace('seed=1', 'seed=2')).toBe(texts[1]);
  });

  it.each([
    ['{ uniform: [2, 1] }', 'Nothing lies between 2 and 1'],
    ['{ logUniform: [0, 1] }', 'must be a number above 0, got 0'],
    ['{ uniform: [0, 1], choice: [2] }', 'must be one of uniform, logUniform, integer and choice'],
    ['{ gaussian: [0, 1] }', 'Unknown key "gaussian"'],
    ['[0, 1]', 'must be one of uniform'],
  ])('refuses %s', async (distribution, message) => {
    const sweep = `sweep: { random: { samples: 2, space: { strategy.mu: ${distribution} } } }`;
    expect(await diagnosticsOf(sweep)).toContain(message);
  });
});

describe('cases', () => {
  const grids = `
  cases:
    - { strategy.use: [fedavg], client.epochs: [1, 2] }
    - { strategy: [{ use: fedprox, mu: 2 }], zip: { client.epochs: [3, 4], server.rounds: [20, 10] } }`;

  it('are sweeps one after another, each combined with what stands beside', async () => {
    expect(await overridesOf(`sweep:${grids}\n  seed: [1, 2]`)).toEqual(
      [
        'strategy.use=fedavg client.epochs=1',
        'strategy.use=fedavg client.epochs=2',
        'strategy={"use":"fedprox","mu":2} client.epochs=3 server.rounds=20',
        'strategy={"use":"fedprox","mu":2} client.epochs=4 server.rounds=10',
      ].flatMap((text) => [`${text} seed=1`, `${text} seed=2`]),
    );
  });

  it('draw the same samples that a sweep of their own would', async () => {
    const random = 'random: { samples: 3, space: { strategy.mu: { uniform: [0, 1] } } }';
    const alone = await overridesOf(`sweep: { ${random} }`);
    expect(await overridesOf(`sweep: { cases: [{ ${random} }] }`)).toEqual(alone);
    expect(await overridesOf(`sweep: { cases: [{ ${random} }, { seed: [5] }] }`)).toEqual([...alone, 'seed=5']);
  });

  it.each([
    ['cases: []', 'must be a list of sweeps, at least one, got an empty list'],
    ['cases: [{}]', 'must be a mapping from paths to lists of values'],
    ['cases: [{ strategy.mu: 1 }]', 'must be a list of values, at least one, got 1'],
    ['cases: [{ plugins: [[]] }]', 'plugins cannot be swept'],
    ['cases: [{ cases: [{ seed: [1] }] }]', 'cases cannot be swept'],
    ['seed: [1], cases: [{ seed: [2] }]', 'seed is swept twice'],
    ['cases: [{ seed: [1] }, { seed: [2] }], seed: [3]', 'seed is swept twice'],
    ['cases: [{ zip: { seed: [1, 2], server.rounds: [1] } }]', 'seed has 2 values and server.rounds has 1'],
    [
      'cases: [{ random: { samples: 2, space: { strategy.mu: { uniform: [2, 1] } } } }]',
      'Nothing lies between 2 and 1',
    ],
    ['cases: [{ strategy.mu: [-1] }]', 'strategy.mu must be a number of at least 0, got -1'],
  ])('say what is wrong with them: %s', async (sweep, message) => {
    expect(await diagnosticsOf(`sweep: { ${sweep} }`)).toContain(message);
  });

  it('count their points before they make them', async () => {
    const many = Array.from({ length: 101 }, (_, index) => index + 1).join();
    const said = await diagnosticsOf(`sweep: { cases: [{ server.rounds: [${many}], seed: [${many}] }] }`);
    expect(said).toContain('has 10201 points');
  });
});

describe('--seeds', () => {
  it('runs from the seed of the spec on', async () => {
    expect(await overridesOf('', [], 3)).toEqual(['seed=7', 'seed=8', 'seed=9']);
    expect(await overridesOf('', ['seed=20'], 2)).toEqual(['seed=20', 'seed=21']);
    expect(await diagnosticsOf('', ['seed=20'], [1, 2])).toContain('seed=20: seed is swept');
  });

  it('takes the place of the seeds that the sweep has, and is combined with the rest of it', async () => {
    expect(await overridesOf('sweep: { seed: [1, 2], strategy.mu: [0, 1] }', [], [3, 7])).toEqual([
      'seed=3 strategy.mu=0',
      'seed=3 strategy.mu=1',
      'seed=7 strategy.mu=0',
      'seed=7 strategy.mu=1',
    ]);
  });

  it('is where an error about it points', async () => {
    const said = await diagnosticsOf('', [], [1, -3]);
    expect(said).toContain('--seeds 1,-3: seed must be an integer from 0 to 9007199254740991, got -3.');
  });
});

describe('what is wrong with a sweep', () => {
  it('is marked at the value in the sweep, once however many points have it', async () => {
    expect(await diagnosticsOf('sweep: { strategy.mu: [0, -1], seed: [1, 2, 3] }')).toBe(
      [
        'spec.yaml:10:27: strategy.mu must be a number of at least 0, got -1.',
        '  10 | sweep: { strategy.mu: [0, -1], seed: [1, 2, 3] }',
        '     |                           ^^',
      ].join('\n'),
    );
  });

  it('is marked at the path where no such key is known', async () => {
    const said = await diagnosticsOf('sweep: { strategy.mux: [1], client.epohcs: [1] }');
    expect(said).toContain('spec.yaml:10:19: Unknown option "mux" of the strategy fedprox.');
    expect(said).toContain('spec.yaml:10:36: Unknown key "epohcs" in client.');
    expect(said).toContain('Did you mean epochs?');
  });

  it('is told with the first point of those that have it where the place is outside the sweep', async () => {
    const sweep = 'sweep: { strategy.use: [fedprox, fedavg], seed: [1, 2] }';
    const said = await diagnosticsOf(sweep, ['strategy={use: fedavg}']);
    expect(said).toContain('strategy needs mu');
    expect(said).toContain('This is so where strategy.use=fedprox seed=1.');
  });

  it.each([
    ['sweep: { strategy.mu: 0.1 }', 'must be a list of values, at least one, got 0.1'],
    ['sweep: { strategy.mu: [] }', 'must be a list of values, at least one, got an empty list'],
    ['sweep: { strategy: { mu: [1] } }', 'must be a list of values, at least one, got a mapping'],
    ['sweep: [1]', 'sweep must be a mapping, got a list'],
    ['sweep: { plugins: [[]] }', 'plugins cannot be swept'],
    ['sweep: { sweep.seed: [1] }', 'sweep cannot be swept'],
    ['sweep: { strategy..mu: [1] }', '"strategy..mu" is no path'],
    ['sweep: { seed: [1], zip: { seed: [2] } }', 'seed is swept twice'],
    ['sweep: { name.x: [1] }', 'name is "swept", it holds no "x"'],
    ['sweep: { zip: {} }', 'must be a mapping from paths to lists of values, got an empty mapping'],
    ['sweep: { random: { samples: 20000, space: { seed: { integer: [1, 2] } } } }', 'from 1 to 10000'],
    ['sweep: { random: { space: {} } }', 'needs samples'],
  ])('is said: %s', async (sweep, message) => {
    expect(await diagnosticsOf(sweep)).toContain(message);
  });

  it('is that it has too many points', async () => {
    const many = Array.from({ length: 101 }, (_, index) => index + 1).join();
    expect(await diagnosticsOf(`sweep: { server.rounds: [${many}], seed: [${many}] }`)).toContain('has 10201 points');
  });

  it('is that a value is there twice, which would be the same run twice', async () => {
    expect(await diagnosticsOf('sweep: { seed: [1, 2, 1], strategy.mu: [0, 1.0, 1] }')).toBe(
      [
        'spec.yaml:10:23: seed=1 is swept twice, which would be the same run twice.',
        '  10 | sweep: { seed: [1, 2, 1], strategy.mu: [0, 1.0, 1] }',
        '     |                       ^',
        '     = Keep one of them.',
        '',
        'spec.yaml:10:49: strategy.mu=1 is swept twice, which would be the same run twice.',
        '  10 | sweep: { seed: [1, 2, 1], strategy.mu: [0, 1.0, 1] }',
        '     |                                                 ^',
        '     = Keep one of them.',
      ].join('\n'),
    );
    expect(await diagnosticsOf('', [], [2, 3, 2])).toContain('--seeds 2,3,2: seed=2 is swept twice');
  });

  it('is a row of zip that is there twice, or a value in one of its cases', async () => {
    const twice = 'sweep: { zip: { client.epochs: [1, 2, 1], server.rounds: [20, 10, 20] } }';
    expect(await diagnosticsOf(twice)).toContain('client.epochs=1 server.rounds=20 is swept twice');
    expect(await diagnosticsOf('sweep: { cases: [{ seed: [1, 1] }, { seed: [1] }] }')).toContain(
      'seed=1 is swept twice',
    );
    expect(await overridesOf('sweep: { zip: { client.epochs: [1, 1], server.rounds: [20, 10] } }')).toHaveLength(2);
  });

  it('is an argument for what is swept, which would do nothing', async () => {
    const said = await diagnosticsOf('sweep: { seed: [1, 2] }', ['seed=5']);
    expect(said).toContain('seed=5: seed is swept, so that this value would never be used.');
    expect(await overridesOf('sweep: { seed: [1, 2] }', ['seed=5', 'sweep={}'])).toEqual(['']);
  });

  it('leaves prototypes alone', async () => {
    expect(await diagnosticsOf('sweep: { __proto__.x: [1], constructor: [1] }')).toContain('Unknown key "__proto__"');
    expect({}).not.toHaveProperty('x');
  });
});
