import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FedxError, FolderComparison, Removal, RunList, RunReport } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project } from '../integration/tiny-federation.js';
import { fedx, startFedx } from './fedx.js';

let project: Project;
let sweep: RunReport;

const run = (...args: string[]) => fedx(args, project.folder);
const json = async <Document>(...args: string[]): Promise<Document> =>
  JSON.parse((await run(...args, '--json')).stdout) as Document;
const rate = 'client.optimizer.learningRate';

beforeAll(async () => {
  project = await createProject();
  sweep = await json(
    'run',
    'spec.yaml',
    'server.rounds=2',
    'controls=[centralized]',
    `sweep={${rate}: [0.1, 0.2]}`,
    '--seeds',
    '2',
  );
});
afterAll(() => project.remove());

describe('fedx run with a sweep', () => {
  it('reports one entry an arm and point', () => {
    expect(sweep.runs.map(({ arm, overrides, status }) => [arm, overrides[rate], overrides['seed'], status])).toEqual(
      [0.1, 0.2].flatMap((value) =>
        [5, 6].flatMap((seed) => ['federated', 'centralized'].map((arm) => [arm, value, seed, 'completed'])),
      ),
    );
    expect(sweep.failures).toEqual([]);
  });

  it('writes a line a point and a table over seeds', async () => {
    const { exitCode, stdout, stderr } = await run('run', 'spec.yaml', 'server.rounds=1', '--seeds', '3,4');
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^point 1\/2 {2}seed=3 {2}federated 0\.\d{4} {2}[\d.]+ m?s\npoint 2\/2 {2}seed=4 /);
    expect(stdout).toMatch(/\narm +accuracy +± 95 % +runs +seconds\nfederated +0\.\d{4} +\d\.\d{4} +2 /);
  });

  it('ends with 1 where a point failed, and the others ran', async () => {
    const { exitCode, stdout } = await run(
      'run',
      'spec.yaml',
      'server.rounds=1',
      `sweep={${rate}: [1e30, 0.1]}`,
      '--json',
    );
    expect(exitCode).toBe(1);
    const report = JSON.parse(stdout) as RunReport;
    expect(report.failures).toMatchObject([{ code: 'FEDX_RUN_DIVERGED', overrides: { [rate]: 1e30 } }]);
    expect(report.runs.map(({ status }) => status)).toEqual(['failed', 'completed']);
  });

  it('marks what is wrong in the argument that holds the sweep', async () => {
    const { exitCode, stderr } = await run('validate', 'spec.yaml', `sweep={${rate}: [0.1, -1]}`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${rate} must be a number above 0, got -1.`);
    expect(stderr).toMatch(/\n +\| {45}\^\^$/m);
  });

  it.each(['0', 'x', '1.5', '-2', ','])('refuses --seeds %s', async (seeds) => {
    const { exitCode, stderr } = await run('validate', 'spec.yaml', `--seeds=${seeds}`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--seeds takes a number from 1 to 10000 or a list such as 3,7');
  });

  it('is validated and planned with its points', async () => {
    expect((await run('validate', 'spec.yaml', '--seeds', '3')).stdout).toContain('tiny, 3 points, 3 rounds');
    expect(await json('validate', 'spec.yaml', '--seeds', '2')).toMatchObject({
      spec: { seed: 5 },
      points: [{ overrides: { seed: 5 } }, { overrides: { seed: 6 } }],
    });
    const { stdout } = await run('plan', 'spec.yaml', '--seeds', '60');
    expect(stdout).toContain('point  1/60  seed=5\npoint  2/60  seed=6\n');
    expect(stdout).toContain('… and 10 more; --json has all of them');
  });
});

describe('fedx resume', () => {
  it('runs what an interrupted sweep did not get to', async () => {
    const started = startFedx(['run', 'spec.yaml', 'server.rounds=300', '--seeds', '3'], project.folder);
    await started.wrote('point 1/3');
    started.child.kill('SIGINT');
    const { exitCode, stderr } = await started.ended;
    expect(exitCode).toBe(130);
    const id = /fedx resume (\S+)/.exec(stderr)?.[1] ?? '';

    const { stdout: compared } = await run('compare', id);
    const [, unfinished = ''] = /^left out .+: interrupted\nfedx resume (\S+) goes on with it\.$/m.exec(compared) ?? [];
    const alone = await run('compare', unfinished);
    expect(alone.exitCode).toBe(2);
    expect(alone.stderr).toContain('FEDX_COMPARE_IMPOSSIBLE: No arm of these runs has completed.');
    expect(alone.stderr).toContain(`hint: fedx resume ${unfinished} goes on with it.`);

    const resumed = await run('resume', id);
    expect(resumed.exitCode).toBe(0);
    expect(resumed.stdout).toContain('point 1/3  seed=5  completed before');
    const report = await json<RunReport>('resume', id);
    expect(report.runs.map(({ status, seed }) => [status, seed])).toEqual([5, 6, 7].map((seed) => ['completed', seed]));
  });

  it('ends with 2 where there is no such invocation', async () => {
    const { exitCode, stderr } = await run('resume', 'nothing');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^FEDX_RUN_NOT_FOUND: /);
  });
});

describe('fedx compare', () => {
  it('compares the configurations of an invocation over their seeds', async () => {
    const { arms, differences } = await json<FolderComparison>('compare', sweep.invocation);
    expect(arms.map(({ arm, configuration, seeds }) => [arm, configuration, seeds])).toEqual(
      [0.1, 0.2].flatMap((value) => ['federated', 'centralized'].map((arm) => [arm, { [rate]: value }, [5, 6]])),
    );
    expect(differences.map(({ arm, count }) => [arm, count])).toEqual([
      ['federated', 2],
      ['centralized', 2],
    ]);
    const of = (arm: string, value: number, seed: number) =>
      sweep.runs.find((each) => each.arm === arm && each.overrides[rate] === value && each.seed === seed)?.metrics[
        'test/accuracy'
      ]?.last ?? Number.NaN;
    const [five, six] = [5, 6].map((seed) => of('federated', 0.2, seed) - of('federated', 0.1, seed)) as [
      number,
      number,
    ];
    expect(differences[0]?.mean).toBeCloseTo((five + six) / 2, 12);
  });

  it('takes another metric, a step and an arm as the baseline, and prints tables', async () => {
    const { exitCode, stdout } = await run(
      ...['compare', sweep.invocation, '--metric', 'test/loss', '--at', '1', '--baseline', 'centralized'],
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^test\/loss at step 1\narm +configuration +seeds +mean +std +95 % interval\n/);
    expect(stdout).toMatch(/\nDifferences from centralized, .+\n.+\nfederated +learningRate=0\.1 +2 +[−+]\d/);
  });

  it('names the steps that there are where it is asked for another', async () => {
    const { exitCode, stderr } = await run('compare', sweep.invocation, '--at', '99');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('FEDX_COMPARE_IMPOSSIBLE: No completed arm has test/accuracy at step 99.');
    expect(stderr).toMatch(/^ +hint: It was measured at the steps 1, 2, .*; --at also takes last and best\.$/m);
  });

  it.each([
    [['compare', 'nothing'], 'FEDX_RUN_NOT_FOUND'],
    [['compare', '*', '--metric', 'test/acuracy'], 'FEDX_COMPARE_IMPOSSIBLE'],
    [['compare', '*', '--baseline', 'nothing'], 'FEDX_COMPARE_IMPOSSIBLE'],
    [['compare', '*', '--at', 'first'], 'FEDX_USAGE'],
    [['compare'], 'FEDX_USAGE'],
  ])('ends with 2 for %j', async (args, code) => {
    const { exitCode, stdout } = await run(...args, '--json');
    expect(exitCode).toBe(2);
    expect((JSON.parse(stdout) as { error: Pick<FedxError, 'code'> }).error.code).toBe(code);
  });
});

describe('fedx runs', () => {
  it('lists, filters and limits', async () => {
    const all = await json<RunList>('runs', '--invocation', sweep.invocation);
    expect(all.total).toBe(4);
    expect(all.runs.map(({ id }) => id).toSorted()).toEqual([...new Set(sweep.runs.map(({ id }) => id))].toSorted());
    expect((await json<RunList>('runs', '--status', 'failed')).runs).toMatchObject([{ status: 'failed' }]);
    expect((await json<RunList>('runs', '--arm', 'centralized', '--limit', '1')).runs).toHaveLength(1);
    expect((await run('runs', '--name', 'no*')).stdout).toBe('No runs.\n');
    expect((await run('runs', '--sort', 'accuracy', '--limit', '2')).stdout).toMatch(
      /^run +status +accuracy .*\n.*\n.*\n…/,
    );
  });

  it('shows one by the beginning of its id', async () => {
    const [{ id }] = sweep.runs as [RunReport['runs'][number]];
    const { stdout } = await run('runs', 'show', id);
    expect(stdout).toContain(`invocation  ${sweep.invocation}`);
    expect(stdout).toMatch(/\nfederated +0\.\d{4} /);
    expect(stdout).toMatch(/\nmetric, last value +federated/);
    expect(stdout).toMatch(/\ntest\/loss +\d+\.\d{4}/);
    expect(stdout).toMatch(/\nprogress\/examples +[\d,]+(?: |\n)/);
    const document = await json<{ run: { id: string }; arms: unknown[] }>('runs', 'show', 'latest');
    expect(document.arms.length).toBeGreaterThan(0);
  });

  it('removes only what it may, and only when told to', async () => {
    const { runs } = await json<RunList>('runs', '--status', 'failed');
    const [failed] = runs;
    const id = failed?.id ?? '';
    const unasked = await run('runs', 'rm', id);
    expect(unasked.exitCode).toBe(2);
    expect(unasked.stderr).toContain('--yes');
    expect(readdirSync(join(project.folder, '.fedx', 'runs'))).toContain(id);
    const { removed } = await json<{ removed: Removal[] }>('runs', 'rm', id, '--yes');
    expect(removed).toMatchObject([{ kind: 'run', path: join('.fedx', 'runs', id) }]);
    expect(readdirSync(join(project.folder, '.fedx', 'runs'))).not.toContain(id);
  });

  it('refuses to remove a run that is running', async () => {
    const started = startFedx(['run', 'spec.yaml', 'server.rounds=100000'], project.folder);
    await started.wrote('round 1/');
    const refused = await run('runs', 'rm', 'latest', '--yes');
    const resumed = await run('resume', 'latest');
    started.child.kill('SIGINT');
    await started.ended;
    expect(refused.stderr).toMatch(/^FEDX_RUN_BUSY: /);
    expect(resumed.stderr).toMatch(/^FEDX_RUN_BUSY: /);
    expect(refused.exitCode).toBe(2);
  });

  it('collects garbage once it has said what it would collect', async () => {
    const dry = await json<{ removed: Removal[] }>('runs', 'gc', '--older-than', '0m', '--dry-run');
    expect(dry.removed).toMatchObject([
      { kind: 'run', reason: 'interrupted' },
      ...Array(dry.removed.length - 1).fill({}),
    ]);
    const { stdout } = await run('runs', 'gc', '--older-than', '0m');
    expect(stdout).toMatch(/\n\d runs?, .* removed\n$/);
    expect((await json<{ removed: Removal[] }>('runs', 'gc', '--older-than', '0m')).removed).toEqual([]);
    expect((await run('runs', 'gc', '--older-than', 'long')).exitCode).toBe(2);
  });
});
