import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExperimentPlan, FedxError, JournalEntry, RunReport } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShell } from '../completion/interactive-shell.js';
import { fedx, program, seedExperiment, startFedx } from './fedx.js';

/** Small enough to run in seconds: a narrow model on the seed experiment's split, without controls or expectations. */
const spec = `apiVersion: fedx/v1
name: small
seed: 1
dataset: { use: mnist, split: pooled }
partition: { use: dominant-label, clients: 10, dominantShare: 0.55 }
model: { use: mlp, hidden: [6], activation: relu }
client:
  epochs: 1
  batchSize: 32
  optimizer: { use: sgd, learningRate: 0.002 }
strategy: { use: fedavg }
server: { rounds: 2 }
`;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-e2e-'));
  await writeFile(join(folder, 'small.yaml'), spec);
  await writeFile(join(folder, 'typo.yaml'), spec.replace('rounds: 2', 'rounds: 2, rouns: 3'));
  const expectation = 'expect: [{ arm: federated, metric: test/accuracy, at: last, within: [0.99, 1] }]\n';
  await writeFile(join(folder, 'ambitious.yaml'), spec + expectation);
});

afterAll(async () => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]) => fedx(args, folder);

/** The lines of the journal of the run in `directory`. */
async function journalOf(directory: string): Promise<JournalEntry[]> {
  const text = await readFile(join(folder, directory, 'events.jsonl'), 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalEntry);
}

describe('fedx', () => {
  it('lists its commands', async () => {
    const { exitCode, stdout } = await run('--help');
    expect(exitCode).toBe(0);
    for (const command of [
      'compare',
      'init',
      'new',
      'plan',
      'plugins',
      'resume',
      'run',
      'runs',
      'schema',
      'validate',
    ]) {
      expect(stdout).toMatch(new RegExp(`\\n {2}${command} +[A-Z]`));
    }
  });

  it.each(['run', 'plan', 'validate'])('helps with %s by example', async (command) => {
    const { exitCode, stdout } = await run(command, '--help');
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`$ fedx ${command} SPEC [OVERRIDES...]`);
    expect(stdout).toContain(`$ fedx ${command} experiments/noniid-mnist.yaml`);
  });

  it.each([
    [['run', 'small.yaml', '--frob'], 'Nonexistent flag: --frob'],
    [['frobnicate'], 'frobnicate'],
    [['run'], 'spec'],
  ])('ends with 2 on bad usage: %j', async (args, message) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^FEDX_USAGE: /);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  it('ends with 2 where there is no such spec', async () => {
    const { exitCode, stderr } = await run('run', 'nowhere.yaml');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^FEDX_SPEC_NOT_FOUND: /);
    expect(stderr).toContain('nowhere.yaml');
  });
});

describe('fedx validate', () => {
  it('accepts a good spec', async () => {
    const { exitCode, stdout } = await run('validate', 'small.yaml');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('small.yaml is valid');
  });

  it('names all that a sweep goes through', async () => {
    const { stdout } = await run('validate', 'small.yaml', 'sweep={ strategy: [{ use: fedavg }, { use: scaffold }] }');
    expect(stdout).toBe('small.yaml is valid: small, 2 points, 2 rounds of fedavg, scaffold on mnist.\n');
  });

  it('gives the resolved spec as JSON, with overrides applied', async () => {
    const { exitCode, stdout } = await run('validate', 'small.yaml', 'client.optimizer.learningRate=0.5', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: true,
      spec: { name: 'small', client: { optimizer: { use: 'sgd', learningRate: 0.5 }, lastBatch: 'keep' } },
    });
  });

  it('marks an unknown key under its line', async () => {
    const { exitCode, stderr } = await run('validate', 'typo.yaml');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^FEDX_SPEC_INVALID: /);
    expect(stderr).toMatch(/typo\.yaml:12:22: .*rouns.*\n +12 \| server: \{ rounds: 2, rouns: 3 \}\n +\| {22}\^{5}\n/);
  });

  it('gives errors as JSON on stdout and nothing on stderr', async () => {
    const { exitCode, stdout, stderr } = await run('validate', 'typo.yaml', '--json');
    expect(exitCode).toBe(2);
    expect(stderr).toBe('');
    const { error } = JSON.parse(stdout) as { error: Pick<FedxError, 'code' | 'diagnostics'> };
    expect(Object.keys(error)).toEqual(['code', 'message', 'hint', 'place', 'diagnostics']);
    expect(error).toMatchObject({ code: 'FEDX_SPEC_INVALID' });
    expect(error.diagnostics[0]).toMatchObject({
      source: expect.stringContaining('typo.yaml'),
      start: { line: 12, column: 22 },
    });
  });

  it('keeps what a plugin prints out of the document', async () => {
    const plugin = `import { defineSampler } from '@fedx/core';
console.log('loaded');
export default defineSampler({
  name: 'loud',
  options: { type: 'object', properties: {}, additionalProperties: false },
  sample: (_, { examples }) => examples.map((_, client) => client),
});
`;
    await writeFile(join(folder, 'loud.ts'), plugin);
    const loud = ['plugins=[./loud.ts]', 'server.cohort={ use: loud }'];
    const { stdout, stderr } = await run('validate', 'small.yaml', ...loud, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ spec: { name: 'small' } });
    expect(stderr).toBe('loaded\n');
  });

  it('gives bad usage as JSON too', async () => {
    const { exitCode, stdout } = await run('validate', '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'FEDX_USAGE' } });
  });
});

describe('fedx plan', () => {
  it("shows the published table of the seed experiment's client 1", async () => {
    const { exitCode, stdout } = await fedx(['plan', seedExperiment], folder);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\n +1 +346 +4331 +350 +358 +342 +316 +344 +365 +342 +348 +/);
  });

  it('gives the plan as JSON', async () => {
    const { stdout } = await run('plan', 'small.yaml', '--json');
    const plan = JSON.parse(stdout) as ExperimentPlan;
    expect(plan.partition.labels[1]).toEqual([346, 4331, 350, 358, 342, 316, 344, 365, 342, 348]);
    // 784 * 6 + 6 + 6 * 10 + 10
    expect(plan).toMatchObject({ parameters: 4780, examples: 70_000 });
  });

  it('says what the run would take from a few measured steps', async () => {
    const { stdout } = await fedx(['plan', 'small.yaml', 'controls=[centralized]', '--json'], folder);
    const { estimate } = JSON.parse(stdout) as ExperimentPlan;
    const { seconds = 0, secondsPerRound = 0, memoryBytes } = estimate ?? {};
    expect(secondsPerRound).toBeGreaterThan(0);
    // Two rounds, and what comes before the first.
    expect(seconds).toBeGreaterThan(2 * secondsPerRound);
    expect(memoryBytes).toBeGreaterThan(70_000 * 784);
    const text = await run('plan', 'small.yaml');
    expect(text.stdout).toMatch(/\nEstimate {2}about .* a round, [\d,]+ MiB of memory/);
  });

  it('measures nothing where it is told not to', async () => {
    const { stdout } = await run('plan', 'small.yaml', '--no-estimate', '--json');
    expect(JSON.parse(stdout)).not.toHaveProperty('estimate');
  });

  it('warns of more attackers than the strategy bears, beside the plan', async () => {
    const { exitCode, stdout, stderr } = await run(
      ...['plan', 'small.yaml', '--no-estimate', '--json', 'strategy={ use: fedmedian }'],
      'environment.attackers={ share: 0.5, attack: { use: sign-flip } }',
    );
    const { attackers, partition, warnings } = JSON.parse(stdout) as ExperimentPlan;
    expect(attackers).toHaveLength(Math.round(partition.labels.length / 2));
    expect(warnings).toEqual([expect.stringContaining('fedmedian bears attackers of fewer than half')]);
    expect(stderr).toContain(`warning: ${warnings[0]}`);
    expect(exitCode).toBe(0);
  });
});

describe('fedx run', () => {
  it('writes a plain line a round and a closing table', async () => {
    const { exitCode, stdout, stderr } = await run('run', 'small.yaml');
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    const rounds = stdout.split('\n').filter((line) => line.includes('  round '));
    expect(rounds).toHaveLength(2);
    expect(rounds[1]).toMatch(/^federated {2}round 2\/2 {2}accuracy 0\.\d{4} {2}loss \d\.\d{4} {2}[\d.]+ m?s$/);
    expect(stdout).toMatch(
      /\narm +accuracy +best +at step +of centralized +seconds +folder\nfederated +0\.\d{4} .*\.fedx/,
    );
  });

  it('gives the report as the one JSON document on stdout', async () => {
    const { exitCode, stdout } = await run('run', 'small.yaml', 'server.rounds=1', '--json');
    expect(exitCode).toBe(0);
    const { runs, expectations } = JSON.parse(stdout) as RunReport;
    expect(expectations).toEqual([]);
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ name: 'small', arm: 'federated', status: 'completed', seed: 1, steps: 1 });
    expect(runs[0]?.metrics['test/accuracy']).toEqual({
      last: expect.any(Number),
      best: expect.any(Number),
      bestStep: 1,
    });
  });

  it('writes nothing if quiet and all is well', async () => {
    expect(await run('run', 'small.yaml', 'server.rounds=1', '--quiet')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('ends with 3 where an expectation is missed', async () => {
    const { exitCode, stdout } = await run('run', 'ambitious.yaml', 'server.rounds=1', '--junit', 'out/junit.xml');
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/\nmissed {2}federated test\/accuracy 0\.\d{4} not within 0\.99 … 1\n/);
    const junit = await readFile(join(folder, 'out/junit.xml'), 'utf8');
    expect(junit).toMatch(/<testsuites name="fedx" tests="2" failures="1" errors="0"/);
    expect(junit).toMatch(/<failure type="expectation" message="It is 0\.\d+\."\/>/);
  });

  it('leaves no old JUnit report to stand for a run that failed, and starts none that it cannot report', async () => {
    await writeFile(join(folder, 'old.xml'), 'all is well');
    expect((await run('run', 'typo.yaml', '--junit', 'old.xml')).exitCode).toBe(2);
    expect(await readFile(join(folder, 'old.xml'), 'utf8')).toMatch(/<error type="FEDX_SPEC_INVALID" message=".*rouns/);
    const { exitCode, stderr } = await run('run', 'small.yaml', '--junit', 'old.xml/junit.xml');
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/^FEDX_STORAGE_FAILED: The JUnit report old\.xml\/junit\.xml cannot be written/);
  });

  // The bound is the promise made to the user. Other tests share the cores, hence the retries.
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends within a second of %s with a whole journal and its last step saved',
    { retry: 2 },
    async (signal) => {
      const started = startFedx(['run', 'small.yaml', 'server.rounds=10000'], folder);
      await started.wrote('round 2/10000');
      const before = performance.now();
      started.child.kill(signal);
      const { exitCode, stdout, stderr } = await started.ended;
      expect(performance.now() - before).toBeLessThan(1000);
      expect(exitCode).toBe(130);
      expect(stderr).toMatch(/^Interrupted: .*\nFEDX_RUN_INTERRUPTED: /);
      const id = /^run (\S+)/.exec(stdout)?.[1] ?? '';
      expect(stderr).toContain(id);
      const journal = await journalOf(join('.fedx', 'runs', id));
      expect(journal.map(({ sequence }) => sequence)).toEqual(journal.map((_, index) => index + 1));
      expect(journal.at(-1)?.type).toBe('run-interrupted');
      const steps = journal.filter(({ type }) => type === 'step-completed').length;
      expect(steps).toBeGreaterThanOrEqual(2);
      expect(await readdir(join(folder, '.fedx', 'runs', id, 'arms/federated/checkpoints'))).toEqual([
        `round-${String(steps).padStart(6, '0')}`,
      ]);
    },
  );

  it('ends at once on a second SIGINT, also while a thread is in a native call', async () => {
    const script = `import { pbkdf2Sync } from 'node:crypto';
      import { Worker, isMainThread } from 'node:worker_threads';
      import interruption from ${JSON.stringify(new URL('../../packages/cli/src/interruption.ts', import.meta.url).href)};
      if (!isMainThread) pbkdf2Sync('', '', 2 ** 31 - 1, 64, 'sha512');
      interruption.listenForInterruption(process, process.stdout);
      new Worker(new URL(import.meta.url)).on('online', () => {
        process.kill(process.pid, 'SIGINT');
        setTimeout(() => process.kill(process.pid, 'SIGINT'), 300);
      });`;
    await writeFile(join(folder, 'busy.mjs'), script);
    const [exitCode, signal] = (await once(
      spawn(process.execPath, ['--import', import.meta.resolve('jiti/register'), 'busy.mjs'], { cwd: folder }),
      'exit',
    )) as unknown[];
    expect([exitCode, signal]).toEqual([null, 'SIGINT']);
  });

  it('ends with a whole journal when its terminal is gone', async () => {
    const terminal = openShell(
      `${process.execPath} ${program} run small.yaml name=closed server.rounds=10000`,
      folder,
      process.env,
    );
    await terminal.type('', 'round');
    terminal.kill();
    const id = (await readdir(join(folder, '.fedx', 'runs'))).find((name) => name.includes('-closed-')) ?? '';
    const last = async () => (await journalOf(join('.fedx', 'runs', id))).at(-1);
    await expect.poll(last, { timeout: 20_000 }).toMatchObject({ type: 'run-interrupted' });
    expect(await readdir(join(folder, '.fedx', 'runs', id, 'arms/federated/checkpoints'))).toHaveLength(1);
  });

  it('ends quietly where its reader goes away', async () => {
    const started = startFedx(['run', 'small.yaml', 'server.rounds=10000'], folder);
    await started.wrote('round 1/10000');
    started.child.stdout?.destroy();
    const { exitCode, stderr } = await started.ended;
    expect(exitCode).toBe(130);
    expect(stderr).toBe('');
  });
});
