/** One run from an empty folder to its report, on an engine that others may use after it. */
import { createRequire } from 'node:module';
import { basename, join, relative, sep } from 'node:path';
import { evaluateExpectations } from '../../analysis/index.js';
import { packInputs, partitionManifest } from '../../data/index.js';
import { type ChosenEngine, describeTensorflow } from '../../engines/index.js';
import { FedxError, isFedxError } from '../../errors/index.js';
import {
  type Clock,
  createRecorder,
  createRunFolder,
  describeEnvironment,
  type Environment,
  type FileSystem,
  type Journal,
  type JournalEntry,
  openJournal,
  openRunFolder,
  type Recorder,
  type RunFolder,
  type RunReport,
  reopenJournal,
  runPaths,
  summarise,
} from '../../runs/index.js';
import { type ExperimentSpec, hashSpec, printSpec } from '../../spec/index.js';
import { secondsSince } from '../arms/arm.js';
import { runArms } from '../arms/run-arms.js';
import type { TrainedControls } from '../arms/trained-controls.js';
import { lowerMetrics } from '../evaluation/chosen-metrics.js';
import type { Experiment } from '../experiment.js';
import type { EnginePool } from './engine-pool.js';
import { optionFileDigests } from './option-files.js';
import { changesSince, readEnvironment, resumeChanged } from './resume.js';
import { startTimeBudget } from './time-budget.js';

export interface RunOptions {
  /** The run's folder goes to `<directory>/.fedx/runs`. */
  readonly directory: string;
  readonly specDirectory: string;
  readonly cache: string;
  readonly clock: Clock;
  readonly fileSystem: FileSystem;
  readonly engines: EnginePool;
  readonly trained: TrainedControls;
  /** What the spec's `engine` means here. */
  readonly engine: ChosenEngine;
  /** The invocation that the run belongs to. */
  readonly invocation: string;
  /** What arguments and the sweep changed in the spec, by path. */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** SHA-256 of each plugin file, by its name in the spec. */
  readonly plugins: Readonly<Record<string, string>>;
  /** A run of this experiment to go on with, that did not complete; absent: a new one. */
  readonly resume?: string;
  /** Goes on with it where something changed since, too. */
  readonly force: boolean;
  /** Told the run's id before anything happens in it. */
  readonly onFolder: (run: string) => Promise<void>;
  /** Sees each journal entry once it is on disk. */
  readonly onEvent: (entry: JournalEntry) => void;
}

/** What came of a run. */
export type RunResult = Pick<RunReport, 'runs' | 'expectations'>;

/**
 * Rejects with a FedxError that names the run's folder; the journal there is whole and says how the run ended. Throws
 * FEDX_RESUME_CHANGED where a run that is to go on would not be what it began as.
 */
export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<RunResult> {
  const { cache, directory, engines, fileSystem, force, invocation, onEvent, overrides, trained } = options;
  const spec: ExperimentSpec = { ...experiment.spec, engine: { use: options.engine.name } };
  const inputs = await packInputs(experiment.data.dataset, cache, fileSystem);
  const { folder, journal, held, notes } = await openRun(experiment, spec, options);

  const entries = [...held];
  const recorder = createRecorder(journal, (entry) => {
    entries.push(entry);
    onEvent(entry);
  });
  const warn = (message: string): void => {
    recorder.record({ type: 'warning', message });
  };
  const lease = await engines.lease(options.engine, spec, inputs.directory, warn);
  const { engine, programs, signal, stop } = lease;
  const budget = startTimeBudget(spec.server.maxSeconds, stop);
  const start = performance.now();
  try {
    notes.forEach(warn);
    if (held.length === 0) {
      const lower = lowerMetrics(experiment);
      recorder.record({
        type: 'run-started',
        run: folder.id,
        name: spec.name,
        engine: engine.name,
        workers: engine.workers,
        arms: experiment.arms.map(({ name }) => name),
        seed: spec.seed,
        invocation,
        overrides,
        ...(lower.length > 0 && { lowerIsBetter: lower }),
      });
      experiment.warnings.forEach(warn);
    }
    const { file: inputsFile } = inputs;
    await runArms(experiment, {
      ...{ engine, programs, trained, recorder, folder, fileSystem, cache, signal, inputsFile, stop, held, force },
    });
    recorder.record({ type: 'run-completed', seconds: secondsOf(held) + secondsSince(start) });
    await recorder.drain();
  } catch (error) {
    // Whatever failed, the engine must not go on with the work of a run that is over.
    stop();
    throw await recordFailure(budget.explain(error), recorder, relative(directory, folder.directory));
  } finally {
    budget.end();
    await lease.release();
    await journal.close();
  }
  return describeResult(spec, entries, { directory: relative(directory, folder.directory), overrides });
}

/** A run's folder and journal, ready to be written to. */
interface OpenRun {
  readonly folder: RunFolder;
  readonly journal: Journal;
  /** What the journal holds of a run that goes on. */
  readonly held: readonly JournalEntry[];
  /** What is worth a word in it. */
  readonly notes: readonly string[];
}

async function openRun(experiment: Experiment, spec: ExperimentSpec, options: RunOptions): Promise<OpenRun> {
  const { clock, directory, engine, fileSystem, resume, specDirectory } = options;
  const environment = await describeEnvironment({
    packages: enginePackages(engine),
    specDirectory,
    specHash: hashSpec(spec),
    plugins: options.plugins,
    files: await optionFileDigests(spec, experiment.catalogue, specDirectory),
    data: experiment.data.dataset.digest,
    invocation: options.invocation,
  });
  if (resume !== undefined) return reopenRun(resume, environment, options);
  const folder = await createRunFolder({ directory, name: spec.name, clock, fileSystem });
  await options.onFolder(folder.id);
  await folder.writeFile(runPaths.spec, printSpec(spec, toPosix(relative(folder.directory, specDirectory))));
  await folder.writeFile(runPaths.partition, JSON.stringify(partitionManifest(experiment.data), null, 2));
  await folder.writeFile(runPaths.environment, JSON.stringify(environment, null, 2));
  const journal = await openJournal(folder.path(runPaths.journal), { clock, fileSystem });
  return { folder, journal, held: [], notes: [] };
}

/** Opens a run that did not complete. Throws FEDX_RESUME_CHANGED unless forced. */
async function reopenRun(id: string, now: Environment, options: RunOptions): Promise<OpenRun> {
  const { clock, directory, fileSystem, force } = options;
  const folder = openRunFolder(join(directory, '.fedx', 'runs', id), id, fileSystem);
  await options.onFolder(id);
  const before = readEnvironment(folder.directory);
  const changes = before === undefined ? ['its environment.json'] : changesSince(before, now);
  if (changes.length > 0 && !force) throw resumeChanged(id, changes);
  const { journal, entries, torn } = await reopenJournal(folder.path(runPaths.journal), { clock, fileSystem });
  const notes = [
    ...(changes.length > 0
      ? [`Resumed although something has changed since the run began: ${changes.join(', ')}.`]
      : []),
    ...(torn > 0 ? [`A torn last line of ${torn} bytes was cut off the journal.`] : []),
  ];
  return { folder, journal, held: entries, notes };
}

/** Seconds that the processes of a run worked on it, as far as the journal tells. */
function secondsOf(held: readonly JournalEntry[]): number {
  let seconds = 0;
  let before: JournalEntry | undefined;
  for (const entry of held) {
    const isSameProcess = before !== undefined && entry.type !== 'run-resumed';
    if (before !== undefined && isSameProcess) seconds += Math.max(0, entry.time - before.time) / 1000;
    before = entry;
  }
  return seconds;
}

/** The summaries of a run and what became of its expectations, from the run's journal. */
export function describeResult(
  { seed, expect }: Pick<ExperimentSpec, 'seed' | 'expect'>,
  entries: readonly JournalEntry[],
  { directory, overrides }: { readonly directory: string; readonly overrides: Readonly<Record<string, unknown>> },
): RunResult {
  const runs = summarise(entries, { seed, directory, overrides });
  const steps = entries.filter((entry) => entry.type === 'step-completed');
  const lower = entries.find((entry) => entry.type === 'run-started')?.lowerIsBetter;
  return { runs, expectations: evaluateExpectations(basename(directory), expect, runs, steps, lower) };
}

/** A path that reads alike wherever the run folder is opened. */
function toPosix(path: string): string {
  return path.replaceAll(sep, '/') || '.';
}

/** Notes in the journal, as far as that still works, why the run ended; the error to throw names the run's folder. */
async function recordFailure(error: unknown, recorder: Recorder, directory: string): Promise<FedxError> {
  const known = isFedxError(error)
    ? error
    : new FedxError('FEDX_INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
  const { code } = known;
  const isInterrupted = code === 'FEDX_RUN_INTERRUPTED' || code === 'FEDX_RUN_OUT_OF_TIME';
  const message = isInterrupted ? `${known.message} What it did so far is in ${directory}.` : known.message;
  const failure = new FedxError(code, message, {
    place: { ...known.place, run: directory },
    hint: isInterrupted ? `fedx resume ${basename(directory)} goes on with it.` : known.hint,
    cause: error,
  });
  try {
    recorder.record(
      isInterrupted
        ? { type: 'run-interrupted', code, message: known.message }
        : { type: 'run-failed', code, message, place: failure.place },
    );
    await recorder.drain();
  } catch {
    // The journal itself failed, which is the error that the user is about to see, or it comes on top of it.
  }
  return failure;
}

/** Versions of what computes. */
function enginePackages(engine: ChosenEngine): Record<string, string> {
  const require = createRequire(import.meta.url);
  const versionOf = (name: string) => (require(`${name}/package.json`) as { readonly version: string }).version;
  return {
    ...Object.fromEntries(['onnxruntime-node', '@tensorflow/tfjs'].map((name) => [name, versionOf(name)])),
    ...(engine.name === 'tensorflow' ? { tensorflow: describeTensorflow(engine) } : {}),
  };
}
