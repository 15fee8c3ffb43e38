/** The points of an invocation one after another: what fails is noted and does not keep the others from running. */
import { join } from 'node:path';
import { FedxError, isFedxError } from '../../errors/index.js';
import {
  type Invocation,
  type JournalEntry,
  type PointFailure,
  type RunReport,
  readJournal,
  runPaths,
} from '../../runs/index.js';
import type { SpecPoint } from '../../spec/index.js';
import { type InvocationTracking, type SinkTracking, trackInvocation, trackSinks } from '../../tracking/index.js';
import { createSinks } from './chosen-sinks.js';
import { describeResult, type RunOptions, type RunResult, runExperiment } from './run-experiment.js';
import type { Workshop } from './workshop.js';

/** Where a run stands in its invocation. */
export interface PointPlace {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  /** What the sweep sets here, by path; empty where there is no sweep. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

export type PointEvent =
  | (PointPlace & { readonly type: 'started' })
  /** It had completed before; `fedx resume` passes over it. */
  | (PointPlace & { readonly type: 'skipped' })
  | (PointPlace & { readonly type: 'failed'; readonly failure: PointFailure });

export interface PointsOptions
  extends Omit<RunOptions, 'engine' | 'engines' | 'trained' | 'invocation' | 'overrides' | 'onFolder' | 'resume'> {
  readonly workshop: Workshop;
  /** The invocation; begun when first asked for, so that what cannot even start leaves nothing behind. */
  readonly invocation: () => Promise<Invocation>;
  /** What arguments changed in the spec, by path; the point's own come on top. */
  readonly argumentOverrides: Readonly<Record<string, unknown>>;
  /** Environment variables, for the address of a tracking server. */
  readonly env: NodeJS.ProcessEnv;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Sees each point before the journal entries of its run. */
  readonly onPoint: (event: PointEvent) => void;
  /** The last run of a point that completed already, by the point's place from 0. */
  readonly completed?: ReadonlyMap<number, string>;
  /** A run of a point (from 0) to go on with. */
  readonly unfinished?: ReadonlyMap<number, string>;
  /** The single point (from 0) that is asked for; absent: all. */
  readonly only?: number | undefined;
}

/** What the runs are told to beside their journals. */
interface Followers {
  readonly tracking: InvocationTracking;
  readonly sinks: SinkTracking;
}

/**
 * Runs the points in order and reports on all of them. Rejects where the user interrupts, and where a single point
 * fails with what it failed with; of many, the failures are in the report.
 */
export async function runPoints(points: readonly SpecPoint[], options: PointsOptions): Promise<RunReport> {
  const followers: Followers = { tracking: trackInvocation(options), sinks: trackSinks(options) };
  const finish = () => Promise.all([followers.tracking.finish(), followers.sinks.finish()]);
  try {
    const report = await runTracked(points, options, followers);
    const [tracking, sinkFailures] = await finish();
    return { ...report, tracking, ...(sinkFailures.length > 0 && { sinkFailures }) };
  } catch (error) {
    await finish();
    throw error;
  }
}

async function runTracked(
  points: readonly SpecPoint[],
  options: PointsOptions,
  followers: Followers,
): Promise<Omit<RunReport, 'tracking'>> {
  const { completed, invocation, onPoint, only, signal } = options;
  const results: RunResult[] = [];
  const failures: PointFailure[] = [];
  for (const [index, point] of points.entries()) {
    if (only !== undefined && index !== only) continue;
    const place: PointPlace = { number: index + 1, of: points.length, overrides: point.overrides };
    const before = completed?.get(index);
    if (before !== undefined) {
      results.push(await resultOf(point, runDirectory(before), options));
      onPoint({ type: 'skipped', ...place });
      continue;
    }
    onPoint({ type: 'started', ...place });
    let run: string | undefined;
    try {
      results.push(await runPoint(point, index, options, { ...followers, onRun: (id) => (run = id) }));
    } catch (error) {
      if (signal.aborted)
        throw results.length === 0 && run === undefined ? error : interrupted(error, place, (await invocation()).id);
      if (points.length === 1) throw error;
      const directory = run === undefined ? undefined : runDirectory(run);
      const failure = describeFailure(error, point, directory);
      if (run === undefined) await (await invocation()).addFailure(index, failure.code);
      failures.push(failure);
      if (directory !== undefined) results.push(await failedArms(point, directory, options));
      onPoint({ type: 'failed', ...place, failure });
    }
  }
  return {
    invocation: (await invocation()).id,
    runs: results.flatMap(({ runs }) => runs),
    expectations: results.flatMap(({ expectations }) => expectations),
    failures,
  };
}

async function runPoint(
  point: SpecPoint,
  index: number,
  options: PointsOptions,
  { onRun, sinks, tracking }: Followers & { readonly onRun: (id: string) => void },
): Promise<RunResult> {
  const { unfinished, workshop } = options;
  const before = unfinished?.get(index);
  const experiment = await workshop.prepare(point.spec);
  const engine = await workshop.chooseEngine(point.spec);
  const invocation = await options.invocation();
  const track = await tracking.follow(point.spec);
  const give = sinks.follow(createSinks(experiment));
  return runExperiment(experiment, {
    ...options,
    onEvent: (entry) => {
      track(entry);
      give(entry);
      options.onEvent(entry);
    },
    engines: workshop.engines,
    trained: workshop.trained,
    engine,
    invocation: invocation.id,
    overrides: overridesOf(point, options),
    ...(before !== undefined && { resume: before }),
    onFolder: async (id) => {
      onRun(id);
      if (id !== before) await invocation.addRun(index, id);
    },
  });
}

/** Where a run's folder lies, from the working directory. */
function runDirectory(run: string): string {
  return join('.fedx', 'runs', run);
}

function overridesOf(
  { overrides }: SpecPoint,
  { argumentOverrides }: PointsOptions,
): Readonly<Record<string, unknown>> {
  return { ...argumentOverrides, ...overrides };
}

/** What a run came to, from its journal. */
async function resultOf(point: SpecPoint, directory: string, options: PointsOptions): Promise<RunResult> {
  const entries: JournalEntry[] = [];
  for await (const entry of readJournal(join(options.directory, directory, ...runPaths.journal))) entries.push(entry);
  return describeResult(point.spec, entries, { directory, overrides: overridesOf(point, options) });
}

/** The arms of a run that failed, as far as its journal can be read. What it was expected to reach is void, not missed. */
async function failedArms(point: SpecPoint, directory: string, options: PointsOptions): Promise<RunResult> {
  try {
    return { runs: (await resultOf(point, directory, options)).runs, expectations: [] };
  } catch {
    return { runs: [], expectations: [] };
  }
}

function describeFailure(error: unknown, { overrides }: SpecPoint, directory: string | undefined): PointFailure {
  const known = isFedxError(error)
    ? error
    : new FedxError('FEDX_INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
  const { code, message, hint, place } = known;
  return { ...(directory === undefined ? {} : { directory }), overrides, code, message, hint, place };
}

/** Of many points the ones that are done stay done. */
function interrupted(error: unknown, { number, of }: PointPlace, invocation: string): unknown {
  if (of === 1) return error;
  const message = isFedxError(error) ? error.message : 'The run was interrupted.';
  return new FedxError('FEDX_RUN_INTERRUPTED', `Point ${number} of ${of}: ${message}`, {
    ...(isFedxError(error) && { place: error.place }),
    hint: `fedx resume ${invocation} goes on with it, and with the points that are missing.`,
    cause: error,
  });
}
