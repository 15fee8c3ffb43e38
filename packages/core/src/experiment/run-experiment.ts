/** One run from an empty folder to its report: opens what the arms need, runs them, and closes it all again. */
import { createRequire } from 'node:module';
import { relative, sep } from 'node:path';
import { parse } from 'yaml';
import { evaluateExpectations } from '../analysis/index.js';
import { packInputs, partitionManifest } from '../data/index.js';
import { chooseEngine } from '../engines/index.js';
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
import type { Experiment } from './experiment.js';
import { openEngine } from './open-engine.js';
import { runArms } from './run-arms.js';

export interface RunOptions {
  /** The run's folder goes to `<directory>/.fedx/runs`. */
  readonly directory: string;
  readonly specDirectory: string;
  readonly cache: string;
  readonly clock: Clock;
  readonly fileSystem: FileSystem;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** `path=value` arguments, for the report. */
  readonly overrides: readonly string[];
  /** Sees each journal entry once it is on disk. */
  readonly onEvent: (entry: JournalEntry) => void;
}

/** Rejects with a FedxError that names the run's folder; the journal there is whole and says how the run ended. */
export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<RunReport> {
  const { cache, clock, directory, fileSystem, onEvent, overrides } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const spec: ExperimentSpec = { ...experiment.spec, engine: { use: chooseEngine(experiment.spec.engine.use) } };
  const inputs = await packInputs(experiment.data.dataset, cache, fileSystem);
  const folder = await createRunFolder({ directory, name: spec.name, clock, fileSystem });
  await describeRun(folder, experiment, spec, options.specDirectory);

  const journal = await openJournal(folder.path(runPaths.journal), { clock, fileSystem });
  const entries: JournalEntry[] = [];
  const recorder = createRecorder(journal, (entry) => {
    entries.push(entry);
    onEvent(entry);
  });
  const engine = openEngine(spec, {
    directory: inputs.directory,
    fileSystem,
    signal,
    onRetry: (message) => {
      recorder.record({ type: 'warning', message });
    },
  });
  const start = performance.now();
  try {
    recorder.record({
      type: 'run-started',
      run: folder.id,
      name: spec.name,
      engine: engine.name,
      workers: engine.workers,
      arms: experiment.arms.map(({ name }) => name),
    });
    await runArms(experiment, {
      engine,
      recorder,
      folder,
      cache,
      signal,
      inputsFile: inputs.file,
      stop: () => {
        stop.abort();
      },
    });
    recorder.record({ type: 'run-completed', seconds: secondsSince(start) });
    await recorder.drain();
  } catch (error) {
    throw await recordFailure(error, recorder, relative(directory, folder.directory));
  } finally {
    await engine.close();
    await journal.close();
  }
  const runs = summarise(entries, {
    seed: spec.seed,
    directory: relative(directory, folder.directory),
    overrides: Object.fromEntries(overrides.map(splitOverride)),
  });
  return { runs, expectations: evaluateExpectations(spec.expect, runs) };
}

/** What the run is, for whoever opens its folder. */
async function describeRun(
  folder: RunFolder,
  { data }: Experiment,
  spec: ExperimentSpec,
  specDirectory: string,
): Promise<void> {
  const environment = await describeEnvironment({
    packages: enginePackages(),
    specDirectory,
    specHash: hashSpec(spec),
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

/** An argument as the report keeps it: the path, and the value as YAML means it. */
function splitOverride(override: string): [string, unknown] {
  const at = override.indexOf('=');
  return [override.slice(0, at), parse(override.slice(at + 1))];
}

/** Versions of what computes. */
function enginePackages(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const versionOf = (name: string) => (require(`${name}/package.json`) as { readonly version: string }).version;
  return Object.fromEntries(['onnxruntime-node', '@tensorflow/tfjs'].map((name) => [name, versionOf(name)]));
}
