import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, distance, type Project, type Run, resultsOf, weightsOf } from './tiny-federation.js';

let project: Project;

beforeAll(async () => {
  project = await createProject();
});

afterAll(() => project.remove());

/** The values of a metric of the federated arm, round by round. */
function metricOf({ events }: Run, key: string, arm = 'federated'): readonly (number | undefined)[] {
  return events.flatMap((event) => (event.type === 'step-completed' && event.arm === arm ? [event.metrics[key]] : []));
}

const warningsOf = ({ events }: Run) => events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));

const stragglers = 'environment.stragglers={ share: 0.6 }';
const dropouts = 'environment.dropouts={ probability: 0.4 }';

describe('the environment', () => {
  it('befalls clients alike whatever the strategy', async () => {
    const overrides = [stragglers, dropouts, 'client.epochs=5', 'server.rounds=4'];
    const runs = [
      await project.run(overrides),
      await project.run([...overrides, 'strategy={ use: scaffold }']),
      await project.run([...overrides, 'strategy={ use: fedprox, mu: 0.1 }', 'seeds={ init: 9, batches: 9 }']),
    ];
    const [fedavg, ...others] = runs.map((run) => [
      metricOf(run, 'progress/local-steps'),
      metricOf(run, 'progress/examples'),
      metricOf(run, 'cohort/updates'),
    ]);
    expect(fedavg?.flat().every((value) => value === undefined)).toBe(false);
    for (const other of others) expect(other).toEqual(fedavg);
  });

  it('is pinned by its own seed', async () => {
    const steps = async (...overrides: string[]) =>
      metricOf(await project.run([dropouts, 'server.rounds=6', ...overrides]), 'progress/local-steps');
    const pinned = 'seeds={ environment: 3, partition: 5 }';
    expect(await steps(pinned, 'seed=8')).toEqual(await steps(pinned));
    expect(await steps('seeds={ environment: 4, partition: 5 }')).not.toEqual(await steps(pinned));
  });

  it('leaves stragglers out where the policy says so: fedavg as the FedProx paper runs it', async () => {
    const run = await project.run(['environment.stragglers={ share: 0.6, policy: drop }']);
    expect(metricOf(run, 'cohort/updates')).toEqual([2, 2, 2]);
  });

  it('lets stragglers send a share of their steps', async () => {
    const run = await project.run(['environment.stragglers={ share: 1, work: 0.5 }', 'server.rounds=1']);
    const whole = await project.run(['server.rounds=1']);
    const [half = 0] = metricOf(run, 'progress/local-steps');
    expect(half).toBe((metricOf(whole, 'progress/local-steps')[0] ?? 0) / 2);
  });

  it.each([
    [
      'environment.stragglers={ share: 0.6 }',
      'environment.stragglers changes nothing: a straggler does 1 to client.epochs',
    ],
    ['environment.stragglers={ share: 1, policy: drop }', 'In no round does an update arrive'],
  ])('warns of what it is not meant for, and goes on: %s', async (overrides, message) => {
    const run = await project.run([overrides, 'client.epochs=1', 'server.rounds=2']);
    expect(run.error).toBeUndefined();
    expect(warningsOf(run)).toEqual([expect.stringContaining(message)]);
    expect(warningsOf(await project.run([stragglers, 'client.epochs=2', 'server.rounds=1']))).toEqual([]);
  });

  it('changes nothing where it is empty of effect', async () => {
    const nothing = await project.run(['environment={ stragglers: { share: 0 }, dropouts: { probability: 0 } }']);
    expect(await resultsOf(nothing)).toEqual(await resultsOf(await project.run()));
  });

  it('leaves the model as it was in a round in which no update arrives', async () => {
    const run = await project.run(['environment.stragglers={ share: 1, policy: drop }', 'server.rounds=2']);
    expect(run.error).toBeUndefined();
    expect(metricOf(run, 'update/norm')).toEqual([0, 0]);
    expect(metricOf(run, 'bytes/up')).toEqual([0, 0]);
  });

  it('is counted in what the centralized control is matched to', async () => {
    const { events } = await project.run([
      'environment.stragglers={ share: 0.6, policy: drop }',
      'controls=[centralized]',
    ]);
    // Two of five clients, two epochs each, three rounds: 2.4 epochs over the union.
    expect(events.find((event) => event.type === 'arm-started' && event.arm === 'centralized')).toMatchObject({
      steps: 2,
    });
  });
});

describe('attackers', () => {
  it('are warned of where the strategy bears fewer, and the run goes on', async () => {
    const attacked = (strategy: string) =>
      project.run([
        'environment.attackers={ clients: [0, 2], attack: { use: sign-flip } }',
        `strategy=${strategy}`,
        'server.rounds=2',
      ]);
    const krum = await attacked('{ use: krum, attackers: 1 }');
    expect(krum.error).toBeUndefined();
    expect(warningsOf(krum)).toEqual([
      'The strategy krum bears 1 attacker in a round, as strategy.attackers says, but 2 of the 5 clients of round 1 are attackers, with 40 % of the weight, and 2 of the 2 rounds have too many. What krum promises does not hold there.',
    ]);
    for (const strategy of ['{ use: fedmedian }', '{ use: fedavg }'])
      expect(warningsOf(await attacked(strategy))).toEqual([]);
  });

  it('could be none at all where the strategy, of so few clients, bears not a single one', async () => {
    const one = await project.run(['strategy={ use: trimmed-mean, share: 0.1 }', 'server.rounds=1']);
    expect(one.error).toBeUndefined();
    expect(warningsOf(one)).toEqual([
      'The strategy trimmed-mean bears as many attackers in a round as strategy.share leaves out at each end: in this run not a single one in any round.',
    ]);
    const two = await project.run(['strategy={ use: trimmed-mean, share: 0.2 }', 'server.rounds=1']);
    expect(warningsOf(two)).toEqual([]);
  });

  it('are warned of where they change nothing, and the run goes on', async () => {
    const alone = await project.run(['environment.attackers={ share: 0.2, attack: { use: alie } }']);
    expect(alone.error).toBeUndefined();
    expect(warningsOf(alone)).toEqual([
      'The attack alie does nothing, or next to nothing, in round 1, and so in 3 of the 3 rounds. One attacker alone has a standard deviation of 0, so that it sends its honest update whatever z is (here 0). Have more attackers.',
    ]);
  });

  it.each([
    ['label-flip', '{ use: label-flip }'],
    ['sign-flip', '{ use: sign-flip, factor: 2 }'],
    ['gaussian', '{ use: gaussian, deviation: 0.1 }'],
    ['scaled-replacement', '{ use: scaled-replacement }'],
    ['alie', '{ use: alie, z: 1.5 }'],
  ])('act the same for any number of workers, and in plain tfjs: %s', async (_, attack) => {
    const overrides = [
      `environment.attackers={ share: 0.4, attack: ${attack} }`,
      'strategy={ use: scaffold, option: I }',
    ];
    const one = await project.run([...overrides, 'executor.workers=1']);
    expect(await resultsOf(await project.run([...overrides, 'executor.workers=3']))).toEqual(await resultsOf(one));
    const eager = await project.run([...overrides, 'engine.use=eager']);
    expect(distance(await weightsOf(one), await weightsOf(eager))).toBeLessThanOrEqual(1e-5);
    const honest = await project.run(['strategy={ use: scaffold, option: I }']);
    expect(distance(await weightsOf(one), await weightsOf(honest))).toBeGreaterThan(1e-3);
  });

  it('train on flipped labels: where all do, the model learns the mirrored classes', async () => {
    const overrides = ['server.rounds=8', 'environment.attackers={ share: 1, attack: { use: label-flip } }'];
    const run = await project.run(overrides);
    const confusion =
      run.events.flatMap((event) => (event.type === 'arm-completed' ? [event.confusion ?? []] : []))[0] ?? [];
    const mirrored = confusion.reduce((sum, row, label) => sum + (row[9 - label] ?? 0), 0);
    const right = confusion.reduce((sum, row, label) => sum + (row[label] ?? 0), 0);
    expect(mirrored).toBeGreaterThan(2 * right);
  });

  it.each([
    ['a number that is none', 'environment.attackers={ clients: [5], attack: { use: sign-flip } }'],
    ['a share that is none', 'environment.attackers={ share: 0.09, attack: { use: sign-flip } }'],
    ['a share of stragglers that is none', 'environment.stragglers={ share: 0.09 }'],
  ])('are clients: %s is refused', async (_, override) => {
    const { error } = await project.run([override]);
    expect(error).toMatchObject({ code: 'FEDX_ENVIRONMENT_IMPOSSIBLE' });
  });
});

describe('transforms', () => {
  it.each([
    ['clip', '[{ use: norm-clip, norm: 0.05 }]', 1],
    ['adaptive clip', '[{ use: adaptive-clip, countNoise: 1 }]', 1],
    ['local noise', '[{ use: norm-clip, norm: 0.5 }, { use: gaussian, noise: 0.1, scope: local }]', 1],
    ['top-k', '[{ use: top-k, share: 0.1 }]', 0.21],
    ['qsgd', '[{ use: qsgd, levels: 7 }]', 0.15],
    ['sign', '[{ use: sign }]', 0.06],
  ])('act the same for any number of workers, on reports too: %s', async (_, transforms, bytes) => {
    const overrides = [
      `transforms=${transforms}`,
      'strategy={ use: scaffold }',
      'server.cohort={ use: uniform, clients: 3 }',
      'server.weights=uniform',
    ];
    const one = await project.run([...overrides, 'executor.workers=1']);
    expect(await resultsOf(await project.run([...overrides, 'executor.workers=3']))).toEqual(await resultsOf(one));
    const plain = await project.run(overrides.slice(1));
    const [sent = 0, whole = 0] = [metricOf(one, 'bytes/up')[0], metricOf(plain, 'bytes/up')[0]];
    expect(sent / whole).toBeLessThanOrEqual(bytes);
    expect(distance(await weightsOf(one), await weightsOf(plain))).toBeGreaterThan(1e-4);
  });

  it('change nothing where they have nothing to do', async () => {
    const plain = await resultsOf(await project.run());
    const far = await resultsOf(await project.run(['transforms=[{ use: norm-clip, norm: 1e6 }]']));
    expect(far).toEqual(plain);
  });
});

describe('central differential privacy', () => {
  const dp = ['server.weights=uniform', 'transforms=[{ use: norm-clip, norm: 0.5 }, { use: gaussian, noise: 2 }]'];

  it('reports what each round gives away', async () => {
    const run = await project.run(dp);
    const epsilons = metricOf(run, 'privacy/epsilon');
    expect(run.error).toBeUndefined();
    expect(metricOf(run, 'privacy/delta')).toEqual([1e-5, 1e-5, 1e-5]);
    // dp-accounting 0.6.0 on one to three rounds of the Gaussian mechanism with a noise of 2, delta 1e-5.
    const golden = [2.165715659029443, 3.1889915626335874, 4.011321708510026];
    expect(epsilons.map((value, round) => (value ?? 0) / (golden[round] ?? 0))).toEqual(
      golden.map(() => expect.closeTo(1, 9) as number),
    );
  });

  it('counts on sampling where clients are sampled by chance', async () => {
    const many = [...dp, 'partition.clients=80', 'client.epochs=1'];
    const sampled = metricOf(
      await project.run([...many, 'server.cohort={ use: poisson, probability: 0.5 }']),
      'privacy/epsilon',
    );
    const all = metricOf(await project.run(many), 'privacy/epsilon');
    expect(sampled[2]).toBeLessThan(all[2] ?? 0);
    // One client more takes another's place: two bounds.
    const twice = [...many, 'transforms.1.noise=4', 'server.cohort={ use: uniform, clients: 40 }'];
    expect(metricOf(await project.run(twice), 'privacy/epsilon')).toEqual(all);
  });

  it.each([
    ['no clip before the noise', ['server.weights=uniform', 'transforms=[{ use: gaussian, noise: 1 }]']],
    ['weights by examples', dp.slice(1)],
    ['a strategy that looks at single updates', [...dp, 'strategy={ use: krum, attackers: 1 }']],
    ['a strategy that changes updates before the mean', [...dp, 'strategy={ use: fednova }']],
    ['a cohort that may well be empty', [...dp, 'server.cohort={ use: poisson, probability: 0.5 }']],
    ['a transform after the noise', [...dp, '+transforms.2={ use: sign }']],
  ])('is refused where it would not hold: %s', async (_, overrides) => {
    const { error } = await project.run(overrides);
    expect(error).toMatchObject({ code: 'FEDX_PRIVACY_UNMET' });
  });
});
