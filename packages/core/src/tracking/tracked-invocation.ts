import { basename, dirname, join, resolve } from 'node:path';
import type { RunStatus } from 'mlflow-js-client';
import {
  glanceAtRun,
  type InvocationRecord,
  invocationsFolder,
  isInvocationRunning,
  listRunIds,
  readInvocation,
} from '../runs/index.js';
import { overridesText } from '../spec/index.js';
import type { TrackedRun } from './tracked-run.js';

/** What a tracking server is told about an invocation: the run above those of the arms of all its points. */
export interface TrackedInvocation {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  /** What all points share; what the sweep sets stands in the runs of the arms. */
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The spec as it was asked for, sweep included; absent where the invocation left no record. */
  readonly spec?: string;
  /** The folder of the locks that keep two processes from making the run above twice. */
  readonly locks: string;
  /** How it stands as far as the disk tells, for one that a process works on or not. */
  status(isRunning: boolean): InvocationStatus;
}

export interface InvocationStatus {
  readonly value: RunStatus;
  /** When something last happened, in milliseconds since the epoch. */
  readonly time: number;
}

/** What the sweep sets in a run, e.g. `strategy.mu=0.1 seed=2`; empty where its invocation has a single point. */
export function pointText(directory: string, invocation: string, run: string): string {
  const point = recordOf(directory, invocation)?.points.find(({ runs }) => runs.includes(run));
  return point === undefined ? '' : overridesText(point.overrides);
}

/**
 * The invocation of a run that began at `startTime`, from its record in the run's project. A run whose folder was taken
 * elsewhere, and so has no record, is an invocation by itself.
 */
export function describeTrackedInvocation(run: TrackedRun, startTime: number): TrackedInvocation {
  const { directory, invocation: id, name } = run;
  const record = recordOf(directory, id);
  const project = projectOf(directory);
  if (record === undefined) {
    return {
      ...{ id, name, startTime, params: run.params, tags: run.tags, locks: join(directory, 'tracking') },
      status: (isRunning) => statusOfRuns(project, [{ runs: [run.run], overrides: {}, specHash: '' }], isRunning),
    };
  }
  const shared = sharedBy(record);
  return {
    ...{ id, name: record.name, startTime: record.time, spec: record.text },
    params: shared(run.params),
    tags: record.points.length === 1 ? run.tags : withoutPoint(run.tags),
    locks: join(invocationsFolder(project), 'tracking'),
    status: (isRunning) => statusOfRuns(project, recordOf(directory, id)?.points ?? [], isRunning),
  };
}

/** Whether a process works on the run. */
export function isBeingRun({ directory, run }: Pick<TrackedRun, 'directory' | 'run'>): boolean {
  return glanceAtRun(projectOf(directory), run).status === 'running';
}

/** Whether a process works on the run's invocation. */
export function isInvocationBeingRun({ directory, invocation }: Pick<TrackedRun, 'directory' | 'invocation'>): boolean {
  return isInvocationRunning(projectOf(directory), invocation);
}

/** The folder that has the run in its `.fedx/runs`. */
function projectOf(runDirectory: string): string {
  return resolve(runDirectory, '..', '..', '..');
}

function recordOf(runDirectory: string, id: string): InvocationRecord | undefined {
  if (basename(dirname(runDirectory)) !== 'runs') return undefined;
  try {
    return readInvocation(projectOf(runDirectory), id);
  } catch {
    // None, or one that cannot be read: the run itself is whole.
    return undefined;
  }
}

/** Those of a run's params that no point sets otherwise: without what the sweep sets, and without options of a plugin that it chooses. */
function sharedBy({ points }: InvocationRecord): (params: TrackedRun['params']) => Record<string, string> {
  const swept = [...new Set(points.flatMap(({ overrides }) => Object.keys(overrides)))].map((path) =>
    path.replace(/\.use$/, ''),
  );
  const isSwept = (key: string): boolean => swept.some((path) => key === path || key.startsWith(`${path}.`));
  return (params) => Object.fromEntries(Object.entries(params).filter(([key]) => !isSwept(key)));
}

/** Tags that differ from point to point. */
function withoutPoint(tags: TrackedRun['tags']): Record<string, string> {
  const { 'fedx.seed': _, 'fedx.spec-hash': __, 'fedx.partition-hash': ___, ...shared } = tags;
  return shared;
}

/**
 * Finished where all points are; killed where one was interrupted or never begun; else failed. Runs that were removed
 * count for nothing.
 */
function statusOfRuns(project: string, points: InvocationRecord['points'], isRunning: boolean): InvocationStatus {
  const existing = new Set(listRunIds(project));
  const glances = points.map(({ runs }) =>
    runs.filter((run) => existing.has(run)).map((run) => glanceAtRun(project, run)),
  );
  const ends = glances.flat().map(({ seconds, started }) => started + Math.round(seconds * 1000));
  const time = Math.max(0, ...ends);
  if (isRunning) return { value: 'RUNNING', time };
  const outcomes = points.flatMap(({ failed, runs }, index) => {
    const [last, ...others] = (glances[index] ?? []).toReversed();
    if (last === undefined) return runs.length > 0 ? [] : [failed === undefined ? 'missing' : 'failed'];
    return [
      last.status === 'completed' || others.some(({ status }) => status === 'completed') ? 'completed' : last.status,
    ];
  });
  if (outcomes.every((outcome) => outcome === 'completed')) return { value: 'FINISHED', time };
  const isCut = outcomes.some((outcome) => outcome !== 'completed' && outcome !== 'failed');
  return { value: isCut ? 'KILLED' : 'FAILED', time };
}
