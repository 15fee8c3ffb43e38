import { PassThrough } from 'node:stream';
import { FedxError, type JournalEntry, type RunReport } from '@fedx/core/host';
import { describe, expect, it } from 'vitest';
import type { Interruption } from './interruption.js';
import { type RunCommand, runExperiment } from './run-experiment.js';
import type { OutputMode, TextStream } from './terminal.js';

const report = (pass: boolean): RunReport => ({
  invocation: 'i',
  failures: [],
  runs: [],
  expectations: [
    {
      run: 'r-1',
      arm: 'federated',
      metric: 'test/accuracy',
      at: 'last',
      value: 0.5,
      within: [0.4, pass ? 0.6 : 0.45],
      pass,
    },
  ],
});

const entries: readonly JournalEntry[] = [
  { sequence: 1, time: 0, type: 'run-started', run: 'r-1', name: 'x', engine: 'onnx', workers: 1, arms: ['federated'] },
  { sequence: 2, time: 1, type: 'arm-started', arm: 'federated', use: 'federated', steps: 2 },
  { sequence: 3, time: 2, type: 'step-completed', arm: 'federated', step: 1, metrics: { 'test/accuracy': 0.25 } },
  { sequence: 4, time: 3, type: 'warning', message: 'odd' },
  { sequence: 5, time: 4, type: 'step-completed', arm: 'federated', step: 2, metrics: { 'test/accuracy': 0.5 } },
];

/** A run that makes the entries above and ends in `outcome`. */
function runOf(outcome: () => RunReport): RunCommand['start'] {
  return async ({ onEvent }) => {
    entries.forEach(onEvent);
    return outcome();
  };
}

const undisturbed: Interruption = { signal: new AbortController().signal, unread: () => false, release: () => {} };

/** Runs the command and gives its exit code and all that it wrote. */
async function run(command: Pick<RunCommand, 'start' | 'mode'> & { interruption?: Interruption; columns?: number }) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const terminal = { stdout: Object.assign(stdout, terminalOf(command.columns)), stderr };
  const exitCode = await runExperiment({ interruption: undisturbed, ...command, terminal });
  return { exitCode, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

const terminalOf = (columns?: number): Pick<TextStream, 'isTTY' | 'columns'> =>
  columns === undefined ? {} : { isTTY: true, columns };

const fail = (error: unknown) => (): never => {
  throw error;
};

describe('runExperiment', () => {
  it('writes a line a step, then the table, and ends with 0 where all expectations are met', async () => {
    const { exitCode, stdout, stderr } = await run({ start: runOf(() => report(true)), mode: 'text' });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('federated  round 1/2  accuracy 0.2500\nfederated  round 2/2  accuracy 0.5000\n');
    expect(stdout).toContain('pass    federated test/accuracy 0.5000 within 0.4 … 0.6');
    expect(stderr).toBe('warning: odd\n');
  });

  it('ends with 3 where an expectation is missed', async () => {
    expect((await run({ start: runOf(() => report(false)), mode: 'text' })).exitCode).toBe(3);
  });

  it('ends with 1 where a point of a sweep failed, whatever was expected, and says which', async () => {
    const failures = [
      { overrides: { seed: 2 }, code: 'FEDX_RUN_DIVERGED', message: 'Loss is NaN.', hint: 'h', place: {} } as const,
    ];
    const start = runOf(() => ({ ...report(false), failures }));
    const text = await run({ start, mode: 'text' });
    expect(text.exitCode).toBe(1);
    expect(text.stdout).toContain('failed  seed=2  FEDX_RUN_DIVERGED: Loss is NaN.');
    const quiet = await run({ start, mode: 'quiet' });
    expect(quiet.stdout).toBe('');
    expect(quiet.stderr).toContain('failed  seed=2');
  });

  it.each([undefined, 80])('writes a line a point of a sweep, with %s columns', async (columns) => {
    const place = { number: 2, of: 12, overrides: { 'strategy.mu': 0.01, seed: 3 } };
    const failure = { overrides: {}, code: 'FEDX_RUN_DIVERGED', message: 'm', hint: 'h', place: {} } as const;
    const start: RunCommand['start'] = async ({ onEvent, onPoint }) => {
      onPoint?.({ type: 'skipped', ...place, number: 1 });
      onPoint?.({ type: 'started', ...place });
      for (const entry of entries) onEvent(entry);
      onEvent({ sequence: 6, time: 5, type: 'run-completed', seconds: 2.5 });
      onPoint?.({ type: 'failed', ...place, number: 3, failure });
      return report(true);
    };
    const { stdout } = await run({ start, mode: 'text', ...(columns === undefined ? {} : { columns }) });
    expect(stdout).toContain('point  1/12  strategy.mu=0.01 seed=3  completed before\n');
    expect(stdout).toContain('point  2/12  strategy.mu=0.01 seed=3  federated 0.5000  2.50 s\n');
    expect(stdout).toContain('point  3/12  strategy.mu=0.01 seed=3  failed: FEDX_RUN_DIVERGED\n');
    if (columns === undefined) expect(stdout).not.toContain('round 1/2');
  });

  it.each([undefined, 80])('says where the only run had completed before, with %s columns', async (columns) => {
    const start: RunCommand['start'] = ({ onPoint }) => {
      onPoint?.({ type: 'skipped', number: 1, of: 1, overrides: {} });
      return Promise.resolve(report(true));
    };
    const { stdout } = await run({ start, mode: 'text', ...(columns === undefined ? {} : { columns }) });
    expect(stdout).toContain('Completed before: nothing is left to do.\n');
  });

  it('writes nothing but the report as JSON on stdout', async () => {
    const { stdout } = await run({ start: runOf(() => report(true)), mode: 'json' });
    expect(JSON.parse(stdout)).toEqual(report(true));
  });

  it('writes nothing but missed expectations if quiet', async () => {
    expect(await run({ start: runOf(() => report(true)), mode: 'quiet' })).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    const { stdout, stderr } = await run({ start: runOf(() => report(false)), mode: 'quiet' });
    expect(stdout).toBe('');
    expect(stderr).toBe('missed  federated test/accuracy 0.5000 not within 0.4 … 0.45\n');
  });

  it('draws on a terminal in place, and leaves the last state and the warnings standing', async () => {
    const { stdout, stderr } = await run({ start: runOf(() => report(true)), mode: 'text', columns: 80 });
    expect(stdout).toContain('federated  round 2/2  accuracy 0.5000');
    expect(stdout).not.toContain('run r-1');
    expect(stderr).toBe('warning: odd\n');
  });

  it.each<OutputMode>(['text', 'json', 'quiet'])('lets errors of the host through in mode %s', async (mode) => {
    const error = new FedxError('FEDX_RUN_DIVERGED', 'Loss is NaN.');
    await expect(run({ start: runOf(fail(error)), mode })).rejects.toBe(error);
  });

  it.each([
    ['text', undefined, true],
    ['text', 80, true],
    ['json', undefined, true],
    ['quiet', undefined, false],
  ] as const)('acknowledges an interruption at once in mode %s with %s columns: %s', async (mode, columns, said) => {
    const controller = new AbortController();
    const stderr = new PassThrough();
    const terminal = { stdout: Object.assign(new PassThrough(), terminalOf(columns)), stderr };
    const start: RunCommand['start'] = async () => {
      controller.abort();
      const before = String(stderr.read() ?? '');
      expect(before.startsWith('Interrupted: the run ends when ')).toBe(said);
      return report(true);
    };
    await runExperiment({ start, mode, terminal, interruption: { ...undisturbed, signal: controller.signal } });
    expect(stderr.read()).toBeNull();
  });

  it('explains an abort that came before the run began', async () => {
    const interruption = { ...undisturbed, signal: AbortSignal.abort() };
    const aborted = run({ start: runOf(fail(interruption.signal.reason)), mode: 'text', interruption });
    await expect(aborted).rejects.toMatchObject({ code: 'FEDX_RUN_INTERRUPTED', exitCode: 130 });
  });

  it('ends quietly with 130 where the reader of stdout went away', async () => {
    const interruption = { ...undisturbed, signal: AbortSignal.abort(), unread: () => true };
    const { exitCode, stderr } = await run({ start: runOf(fail(new Error('stopped'))), mode: 'quiet', interruption });
    expect(exitCode).toBe(130);
    expect(stderr).toBe('');
  });
});
