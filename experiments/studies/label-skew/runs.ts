import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FedxError } from '@fedx/core';
import { type RunReport, readRun } from '@fedx/core/host';
import type { Setting, Strategy } from './design.js';

/** A run of a sweep: what was swept, and every evaluation of its arms; no arms where training diverged. */
export interface StudyRun extends Setting {
  readonly seed: number;
  readonly arms: ReadonlyMap<string, readonly Evaluation[]>;
}

/** Metrics by key at a step. */
export type Evaluation = Readonly<Record<string, number>>;

const repository = new URL('../../../', import.meta.url);
/** Runs are read and then removed: the results keep what counts, and the seeds give the same bits again. */
const scratch = fileURLToPath(new URL('.fedx/studies/label-skew/', repository));

/** The sweep as a command: its runs in no order, without arms where training diverged. Throws FEDX_INTERNAL where it does not end well. */
export async function runSpec(spec: string, args: readonly string[]): Promise<readonly StudyRun[]> {
  await mkdir(scratch, { recursive: true });
  const path = fileURLToPath(new URL(`experiments/${spec}`, repository));
  const report = await fedx(['run', path, ...args]);
  const other = report.failures.find(({ code }) => code !== 'FEDX_RUN_DIVERGED');
  if (other !== undefined) throw new FedxError('FEDX_INTERNAL', `A point of the study failed: ${other.message}`);
  const completed = new Map(
    report.runs
      .filter(({ status }) => status === 'completed')
      .map(({ directory, overrides, seed }) => [directory, { overrides, seed }]),
  );
  const runs: StudyRun[] = report.failures.map(({ overrides }) => ({
    ...settingOf(overrides),
    seed: Number(overrides['seed']),
    arms: new Map(),
  }));
  for (const [directory, { overrides, seed }] of completed)
    runs.push({ ...settingOf(overrides), seed, arms: await evaluations(basename(directory)) });
  for (const folder of ['runs', 'invocations']) await rm(`${scratch}.fedx/${folder}`, { recursive: true, force: true });
  return runs;
}

function settingOf(overrides: Readonly<Record<string, unknown>>): Setting {
  return {
    strategy: (overrides['strategy'] ?? { use: 'none' }) as Strategy,
    rate: Number(overrides['client.optimizer.learningRate']),
  };
}

async function evaluations(id: string): Promise<StudyRun['arms']> {
  const { entries } = await readRun(scratch, id);
  const arms = new Map<string, Evaluation[]>();
  for (const entry of entries) {
    if (entry.type !== 'step-completed') continue;
    const isEvaluated = Object.keys(entry.metrics).some((key) => /^(test|personal\/test)\//.test(key));
    if (isEvaluated) arms.set(entry.arm, [...(arms.get(entry.arm) ?? []), entry.metrics]);
  }
  return arms;
}

/** Exit code 1 is that of a sweep of which points failed: what they failed with is in the report. */
function fedx(args: readonly string[]): Promise<RunReport> {
  const command = fileURLToPath(new URL('packages/cli/bin/fedx.js', repository));
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [command, ...args, '--json'],
      { cwd: scratch, maxBuffer: 2 ** 28 },
      (error, stdout, stderr) => {
        const report = parseReport(stdout);
        if (report !== undefined && (error === null || error.code === 1)) resolve(report);
        else
          reject(new FedxError('FEDX_INTERNAL', `fedx ${args.join(' ')} failed: ${stdout}${stderr}`, { cause: error }));
      },
    );
  });
}

function parseReport(stdout: string): RunReport | undefined {
  try {
    const report = JSON.parse(stdout) as Partial<RunReport>;
    return report.runs === undefined ? undefined : (report as RunReport);
  } catch {
    return undefined;
  }
}
