/** One run from an empty folder to its report, on an engine that others may use after it. */
import { createRequire } from 'node:module';
import { basename, relative, sep } from 'node:path';
import { evaluateExpectations } from '../analysis/index.js';
import { packInputs, partitionManifest } from '../data/index.js';
import { type ChosenEngine, describeTensorflow } from '../engines/index.js';
import { FedxError, isFedxError } from '../errors/index.js';
import {
  type Clock,
  createRecorder,
  createRunFolder,
  describeEnvironment,
  type FileSystem,
  type JournalEntry,
  openJournal,
  type Recorder,
  type RunFolder,
  type RunReport,
  runPaths,
  summarise,
} from '../runs/index.js';
import { type ExperimentSpec, hashSpec, printSpec } from '../spec/index.js';
import { secondsSince } from './arm.js';
import type { EnginePool } from './engine-pool.js';
import type { Experiment } from './experiment.js';
import { runArms } from './run-arms.js';

export interface RunOptions {
  /** The run's folder goes to `<directory>/.fedx/runs`. */
  readonly directory: string;
  readonly specDirectory: string;
  readonly cache: string;
  readonly clock: Clock;
  readonly fileSystem: FileSystem;
  readonly engines: EnginePool;
  /** What the spec's `engine` means here. */
  readonly engine: ChosenEngine;
  /** The invocation that the run belongs to. */
  readonly invocation: string;
  /** What arguments and the sweep changed in the spec, by path. */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** Told the run's id before anything happens in it. */
  readonly onFolder: (run: string) => Promise<void>;
  /** Sees each journal entry once it is on disk. */
  readonly onEvent: (entry: JournalEntry) => void;
}

/** What came of a run. */
export type RunResult = Pick<RunReport, 'runs' | 'expectations'>;

/** Rejects with a FedxError that names the run's folder; the journal there is whole and says how the run ended. */
export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<RunResult> {
  const { cache, clock, directory, engines, fileSystem, invocation, onEvent, overrides } = options;
  const spec: ExperimentSpec = { ...experiment.spec, engine: { use: options.engine.name } };
  const inputs = await packInputs(experiment.data.dataset, cache, fileSystem);
  const folder = await createRunFolder({ directory, name: spec.name, clock, fileSystem });
  await options.onFolder(folder.id);
  await describeRun(folder, experiment, spec, options);

  const journal = await openJournal(folder.path(runPaths.journal), { clock, fileSystem });
  const entries: JournalEntry[] = [];
  const recorder = createRecorder(journal, (entry) => {
    entries.push(entry);
    onEvent(entry);
  });
  const lease = await engines.lease(options.engine, spec, inputs.directory, (message) => {
    recorder.record({ type: 'warning', message });
  });
  const { engine, programs, signal, stop } = lease;
  const start = performance.now();
  try {
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
    });
    await runArms(experiment, { engine, programs, recorder, folder, cache, signal, inputsFile: inputs.file, stop });
    recorder.record({ type: 'run-completed', seconds: secondsSince(start) });
    await recorder.drain();
  } catch (error) {
    // Whatever failed, the engine must not go on with the work of a run that is over.
    stop();
    throw await recordFailure(error, recorder, relative(directory, folder.directory));
  } finally {
    await lease.release();
    await journal.close();
  }
  return describeResult(spec, entries, { directory: relative(directory, folder.directory), overrides });
}

/** The summaries of a run and what became of its expectations, from the run's journal. */
export function describeResult(
  { seed, expect }: Pick<ExperimentSpec, 'seed' | 'expect'>,
  entries: readonly JournalEntry[],
  { directory, overrides }: { readonly directory: string; readonly overrides: Readonly<Record<string, unknown>> },
): RunResult {
  const runs = summarise(entries, { seed, directory, overrides });
  return { runs, expectations: evaluateExpectations(basename(directory), expect, runs) };
}

/** What the run is, for whoever opens its folder. */
async function describeRun(
  folder: RunFolder,
  { data }: Experiment,
  spec: ExperimentSpec,
  { specDirectory, invocation, engine }: Pick<RunOptions, 'specDirectory' | 'invocation' | 'engine'>,
): Promise<void> {
  const environment = await describeEnvironment({
    packages: enginePackages(engine),
    specDirectory,
    specHash: hashSpec(spec),
    invocation,
  });
  await folder.writeFile(runPaths.spec, printSpec(spec, toPosix(relative(folder.directory, specDirectory))));
  await folder.writeFile(runPaths.partition, JSON.stringify(partitionManifest(data), null, 2));
  await folder.writeFile(runPaths.environment, JSON.stringify(environment, null, 2));
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
  const message =
    known.code === 'FEDX_RUN_INTERRUPTED' ? `${known.message} What it did so far is in ${directory}.` : known.message;
  const failure = new FedxError(known.code, message, {
    place: { file: directory, ...known.place },
    hint: known.hint,
    cause: error,
  });
  try {
    recorder.record(
      failure.code === 'FEDX_RUN_INTERRUPTED'
        ? { type: 'run-interrupted' }
        : { type: 'run-failed', code: failure.code, message, place: failure.place },
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
