import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Verdict } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project } from '../integration/tiny-federation.js';
import { fedx, startFedx } from './fedx.js';

/** What the command prints, as far as it is read here. */
interface Document {
  readonly specs: readonly {
    readonly file: string;
    readonly status: string;
    readonly points: number;
    readonly before: number;
    readonly estimate?: number;
    readonly invocation?: string;
    readonly verdicts: readonly Verdict[];
    readonly failures: readonly { readonly code: string }[];
  }[];
}

let project: Project;

const verify = (...args: string[]) => fedx(['verify', ...args], project.folder);
const json = async (...args: string[]) => {
  const { exitCode, stdout } = await verify(...args, '--json');
  return { exitCode, specs: (JSON.parse(stdout) as Document).specs };
};
const write = (name: string, ...lines: string[]) =>
  project.write(name, ['extends: ../spec.yaml', 'apiVersion: fedx/v1', ...lines, ''].join('\n'));

/** Accuracy among ten labels is above a tenth soon, and above 1 never. */
const easy = '{ arm: federated, metric: test/accuracy, at: { roundsTo: 0.2 }, within: [1, 3] }';
const hard =
  '{ arm: federated, metric: test/accuracy, at: { roundsTo: 1.01 }, within: [1, 2], published: 2, source: "Doe 2020, table 1" }';

beforeAll(async () => {
  project = await createProject();
  await mkdir(join(project.folder, 'papers', 'beside'), { recursive: true });
  await write('papers/easy.yaml', 'name: easy', 'sweep: { seed: [1, 2, 3] }', `expect: [${easy}]`);
  await write('papers/hard.yml', 'name: hard', 'sweep: { seed: [1, 2] }', `expect: [${hard}]`);
  await write('papers/long.yaml', 'name: long', 'server: { rounds: 100000 }', `expect: [${easy}]`);
  await write('papers/mute.yaml', 'name: mute');
  await writeFile(join(project.folder, 'papers', 'beside', 'wrong.yaml'), 'no: spec\n');
});
afterAll(() => project.remove());

describe('fedx verify', () => {
  it('runs what fits into the budget, tells the rest with the time it wants, and does nothing twice', async () => {
    const first = await verify('papers', '--budget', '1m');
    expect(first.exitCode).toBe(3);
    expect(first.stderr).toMatch(/^(measuring papers\/\w+\.ya?ml\n){3}$/);
    const table = first.stdout.slice(first.stdout.indexOf('\nspec '));
    expect(table).toMatch(
      /^easy {2}federated rounds to test\/accuracy 0\.2 +– +[12]\.\d +[12]\.\d … [12]\.\d +3 +1 … 3 {2}pass$/m,
    );
    expect(table).toMatch(
      /^hard {2}federated rounds to test\/accuracy 1\.01 +2 +not reached +not reached … not reached +2 \(2 not reached\) +1 … 2 {2}missed$/m,
    );
    expect(table).toContain(
      'ours is the median over seeds; its interval holds with 50.0 % with 2 seeds, 75.0 % with 3',
    );
    expect(table).toContain('published  hard: Doe 2020, table 1');
    expect(table).toMatch(
      /left out {2}papers\/long\.yaml {2}1 of 1 runs want up to .+, more than is left of 1 min 00 s\n/,
    );
    expect(table).toContain('left out  papers/mute.yaml  it expects nothing');

    // Nothing runs again, but what is expected is what the spec says now.
    const stricter = `expect=[${easy.replace('[1, 3]', '[3, 3]')}]`;
    const again = await verify('papers/easy.yaml', stricter, '--budget', '0s', '--quiet');
    expect(again).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringMatching(
        /^missed {2}papers\/easy\.yaml {2}federated rounds to test\/accuracy 0\.2 [12]\.\d\n$/,
      ),
    });
  });

  it('refuses specs of which none expects anything', async () => {
    const { exitCode, stdout, stderr } = await verify('papers/mute.yaml');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('FEDX_EXPECTATION_MISSING: papers/mute.yaml expects nothing');
  });

  it('goes on with a spec whose runs were interrupted', async () => {
    const started = startFedx(['verify', 'papers/easy.yaml', '--fresh', 'server.rounds=40'], project.folder);
    await started.wrote('point 1/3');
    started.child.kill('SIGINT');
    const interrupted = await started.ended;
    expect(interrupted.exitCode).toBe(130);
    expect(interrupted.stderr).toContain('The same command goes on where this one ended.');

    const { exitCode, specs } = await json('papers/easy.yaml', 'server.rounds=40');
    expect(exitCode).toBe(0);
    expect(specs).toMatchObject([{ status: 'verified', points: 3, before: 1, verdicts: [{ seeds: 3, pass: true }] }]);
    const done = await json('papers/easy.yaml', 'server.rounds=40', '--budget', '0s');
    expect(done.specs).toMatchObject([{ status: 'verified', before: 3, invocation: specs[0]?.invocation }]);
    expect(done.specs[0]?.verdicts).toEqual(specs[0]?.verdicts);
  });

  it('ends with 1 where a spec fails, after the others', async () => {
    await write('papers/lost.yaml', 'name: lost', 'partition: { clients: 1000 }', `expect: [${easy}]`);
    const { exitCode, specs } = await json('papers/lost.yaml', 'papers/easy.yaml');
    expect(exitCode).toBe(1);
    expect(specs).toMatchObject([
      {
        file: 'papers/lost.yaml',
        status: 'failed',
        verdicts: [],
        failures: [{ code: 'FEDX_PARTITION_IMPOSSIBLE' }],
      },
      { file: 'papers/easy.yaml', status: 'verified' },
    ]);
  });

  it.each([
    [['papers/nothing.yaml'], 2, 'FEDX_SPEC_NOT_FOUND'],
    [['papers/beside'], 2, 'FEDX_SPEC_INVALID'],
    [['data'], 2, 'FEDX_SPEC_NOT_FOUND: There is no spec in data.'],
    [['papers', '--budget', '20'], 2, '--budget takes a time such as 90s, 20m or 1h30m, got 20.'],
  ])('refuses %j before it runs anything', async (args, exitCode, message) => {
    const ended = await verify(...args);
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.stderr).toContain(message);
    expect(ended.stdout).toBe('');
  });
});
