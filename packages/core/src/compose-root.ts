import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { container, type DependencyContainer, instancePerContainerCachingFactory } from 'tsyringe';
import { evaluateExpectations } from './analysis/index.js';
import type { Dataset, Plugin } from './contracts/index.js';
import { packInputs, type PartitionTable, partitionManifest, partitionTable } from './data/index.js';
import { chooseEngine, createEngine, type Engine } from './engines/index.js';
import { FedxError, isFedxError } from './errors/index.js';
import { type Experiment, optionsOf, pluginOf, prepareExperiment } from './experiment/experiment.js';
import { runArms } from './experiment/run-arms.js';
import { count } from './parameters/index.js';
import { type Catalogue, createCatalogue } from './plugins/catalogue.js';
import { loadPlugins } from './plugins/load.js';
import {
  type Clock,
  createRecorder,
  createRunFolder,
  describeEnvironment,
  type FileSystem,
  type JournalEntry,
  nodeFileSystem,
  openJournal,
  runPaths,
  type RunReport,
  summarise,
  systemClock,
  writeFileAtomically,
} from './runs/index.js';
import { type ExperimentSpec, hashSpec, parseSpec, printSpec, readSpec, resolveSpec } from './spec/index.js';

/** A spec file with the `path=value` arguments that change it. */
export interface SpecRequest {
  readonly file: string;
  readonly overrides: readonly string[];
}

/** What `fedx plan` shows: the resolved spec and how the data would be split; nothing is trained. */
export interface ExperimentPlan {
  readonly spec: ExperimentSpec;
  readonly engine: string;
  readonly examples: number;
  readonly parameters: number;
  readonly arms: readonly { readonly arm: string; readonly steps: number; readonly localSteps: number }[];
  readonly partition: PartitionTable;
}

export interface Host {
  /** The resolved spec. Throws FEDX_SPEC_… with all diagnostics. Executes the plugins that the spec names. */
  validate(request: SpecRequest): Promise<ExperimentSpec>;
  plan(request: SpecRequest): Promise<ExperimentPlan>;
  /** Runs all arms. `onEvent` sees each journal entry once it is on disk. Rejects with a FedxError; the journal stays whole. */
  run(request: SpecRequest, options: RunOptions): Promise<RunReport>;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onEvent: (entry: JournalEntry) => void;
}

export interface HostOptions {
  /** The plugins that ship with the host; a spec's own come on top. */
  readonly plugins: readonly Plugin[];
  /** Runs go to `<directory>/.fedx/runs`; default: the working directory. */
  readonly directory?: string;
  /** Shared downloads and prepared data; default: $FEDX_CACHE, else `<directory>/.fedx/cache`. */
  readonly cache?: string;
  /** Swapped in fault tests. */
  readonly fileSystem?: FileSystem;
  readonly clock?: Clock;
}

/** What the container holds, by token. */
interface Services {
  clock: Clock;
  fileSystem: FileSystem;
  directory: string;
  cache: string;
  builtIns: Catalogue;
  /** Of one run. */
  spec: ExperimentSpec;
  specDirectory: string;
  catalogue: Catalogue;
  signal: AbortSignal;
  dataset: Promise<Dataset>;
  experiment: Promise<Experiment>;
}

type Name = keyof Services;

function get<Token extends Name>(services: DependencyContainer, name: Token): Services[Token] {
  return services.resolve<Services[Token]>(name);
}

function provide<Token extends Name>(services: DependencyContainer, name: Token, value: Services[Token]): void {
  services.register<Services[Token]>(name, { useValue: value });
}

/** Made once for each container that asks. */
function provideLazily<Token extends Name>(services: DependencyContainer, name: Token, make: (services: DependencyContainer) => Services[Token]): void {
  services.register<Services[Token]>(name, { useFactory: instancePerContainerCachingFactory(make) });
}

export function createHost({ plugins, directory = process.cwd(), cache, fileSystem = nodeFileSystem, clock = systemClock }: HostOptions): Host {
  const root = container.createChildContainer();
  provide(root, 'clock', clock);
  provide(root, 'fileSystem', fileSystem);
  provide(root, 'directory', resolve(directory));
  provide(root, 'cache', resolve(cache ?? process.env['FEDX_CACHE'] ?? join(directory, '.fedx', 'cache')));
  provideLazily(root, 'builtIns', () => createCatalogue(plugins));

  return {
    validate: async (request) => get(await composeRun(root, request, neverAborted()), 'spec'),
    plan: async (request) => describePlan(await get(await composeRun(root, request, neverAborted()), 'experiment')),
    run: async (request, options) => runExperiment(await composeRun(root, request, options.signal), request, options),
  };
}

/** The container of one run: its spec is resolved, everything else is made when it is asked for. */
async function composeRun(root: DependencyContainer, { file, overrides }: SpecRequest, signal: AbortSignal): Promise<DependencyContainer> {
  const specDirectory = dirname(resolve(file));
  const parsed = await parseSpec(file, await readSpec(file), overrides);
  const catalogue = get(root, 'builtIns').with(await loadPlugins(parsed.plugins, specDirectory));
  const services = root.createChildContainer();
  provide(services, 'specDirectory', specDirectory);
  provide(services, 'catalogue', catalogue);
  provide(services, 'signal', signal);
  provide(services, 'spec', await resolveSpec(parsed, catalogue));
  provideLazily(services, 'dataset', (own) => loadDataset(own));
  provideLazily(services, 'experiment', async (own) => prepareExperiment(get(own, 'spec'), get(own, 'catalogue'), await get(own, 'dataset')));
  return services;
}

function loadDataset(services: DependencyContainer): Promise<Dataset> {
  const { dataset: slot } = get(services, 'spec');
  return pluginOf(get(services, 'catalogue'), 'dataset', slot).load(optionsOf(slot), {
    directory: get(services, 'specDirectory'),
    cache: get(services, 'cache'),
    signal: get(services, 'signal'),
    log: () => undefined,
  });
}

function describePlan({ arms, data, initial, spec }: Experiment): ExperimentPlan {
  return {
    spec,
    engine: chooseEngine(spec.engine.use),
    examples: data.dataset.examples,
    parameters: count(initial),
    arms: arms.map(({ name, steps, localSteps }) => ({ arm: name, steps, localSteps })),
    partition: partitionTable(data),
  };
}

/** Opens what a run needs, runs its arms, and closes it all again, last opened first. */
async function runExperiment(services: DependencyContainer, { overrides }: SpecRequest, { onEvent }: RunOptions): Promise<RunReport> {
  const stop = new AbortController();
  const signal = AbortSignal.any([get(services, 'signal'), stop.signal]);
  const spec = get(services, 'spec');
  const fileSystem = get(services, 'fileSystem');
  const experiment = await get(services, 'experiment');
  const { data } = experiment;
  const inputs = await packInputs(data.dataset, get(services, 'cache'), fileSystem);

  const folder = await createRunFolder({ directory: get(services, 'directory'), name: spec.name, clock: get(services, 'clock'), fileSystem });
  const engineName = chooseEngine(spec.engine.use);
  const resolved: ExperimentSpec = { ...spec, engine: { use: engineName } };
  await folder.writeFile(runPaths.spec, printSpec(resolved));
  await folder.writeFile(runPaths.partition, JSON.stringify(partitionManifest(data), null, 2));
  const environment = await describeEnvironment({ packages: enginePackages(), specDirectory: get(services, 'specDirectory'), specHash: hashSpec(resolved) });
  await folder.writeFile(runPaths.environment, JSON.stringify(environment, null, 2));

  const journal = await openJournal(folder.path(runPaths.journal), { clock: get(services, 'clock'), fileSystem });
  const entries: JournalEntry[] = [];
  const recorder = createRecorder(journal, (entry) => {
    entries.push(entry);
    onEvent(entry);
  });
  const workers = spec.executor.workers === 'auto' ? availableParallelism() : spec.executor.workers;
  const engine: Engine = createEngine(engineName, {
    workers,
    signal,
    directory: inputs.directory,
    writeFile: (path, content) => writeFileAtomically(path, content, fileSystem),
    readTable: ({ content }) => (content instanceof Uint8Array ? Promise.resolve(content) : readFile(join(inputs.directory, content.file))),
    onRetry: (message) => {
      recorder.record({ type: 'warning', message });
    },
  });
  const start = performance.now();
  try {
    recorder.record({ type: 'run-started', run: folder.id, name: spec.name, engine: engine.name, workers: engine.workers, arms: experiment.arms.map(({ name }) => name) });
    await runArms(experiment, { engine, recorder, folder, cache: get(services, 'cache'), signal, inputsFile: inputs.file, stop: () => { stop.abort(); } });
    recorder.record({ type: 'run-completed', seconds: (performance.now() - start) / 1000 });
    await recorder.drain();
  } catch (error) {
    throw await recordFailure(error, recorder, folder.directory);
  } finally {
    await engine.close();
    await journal.close();
    await services.dispose();
  }
  const runs = summarise(entries, { seed: spec.seed, directory: folder.directory, overrides: Object.fromEntries(overrides.map(splitOverride)) });
  return { runs, expectations: evaluateExpectations(spec.expect, runs) };
}

/** Notes in the journal, as far as that still works, why the run ended; the error to throw names the run's folder. */
async function recordFailure(error: unknown, recorder: ReturnType<typeof createRecorder>, directory: string): Promise<FedxError> {
  const known = isFedxError(error) ? error : new FedxError('FEDX_INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
  const failure = new FedxError(known.code, known.message, { place: { file: directory, ...known.place }, hint: known.hint, cause: error });
  try {
    recorder.record(failure.code === 'FEDX_RUN_INTERRUPTED' ? { type: 'run-interrupted' } : { type: 'run-failed', code: failure.code, message: failure.message, place: failure.place });
    await recorder.drain();
  } catch {
    // The journal itself failed, which is the error that the user is about to see, or it comes on top of it.
  }
  return failure;
}

function splitOverride(override: string): [string, string] {
  const at = override.indexOf('=');
  return [override.slice(0, at), override.slice(at + 1)];
}

/** Versions of what computes. */
function enginePackages(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const versionOf = (name: string) => (require(`${name}/package.json`) as { readonly version: string }).version;
  return Object.fromEntries(['onnxruntime-node', '@tensorflow/tfjs'].map((name) => [name, versionOf(name)]));
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
