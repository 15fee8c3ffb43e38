import 'reflect-metadata';
import { join, resolve } from 'node:path';
import { container, type DependencyContainer, instancePerContainerCachingFactory } from 'tsyringe';
import type { Dataset, Plugin } from './contracts/index.js';
import { type PartitionTable, partitionTable } from './data/index.js';
import { chooseEngine } from './engines/index.js';
import { type Experiment, optionsOf, pluginOf, prepareExperiment } from './experiment/experiment.js';
import { runExperiment } from './experiment/run-experiment.js';
import { count } from './parameters/index.js';
import { awaitPlugin, type Catalogue, createCatalogue } from './plugins/index.js';
import { resolveRequest, type SpecRequest } from './resolve-request.js';
import {
  type Clock,
  type FileSystem,
  type JournalEntry,
  nodeFileSystem,
  type RunReport,
  systemClock,
} from './runs/index.js';
import type { ExperimentSpec, ExplainedValue } from './spec/index.js';
import { type SyncSummary, sync, withTracking } from './tracking/index.js';

/** What `fedx plan` shows: the resolved spec and how the data would be split; nothing is trained. */
export interface ExperimentPlan {
  readonly spec: ExperimentSpec;
  readonly engine: string;
  readonly examples: number;
  readonly parameters: number;
  readonly arms: readonly { readonly arm: string; readonly steps: number; readonly localSteps: number }[];
  readonly partition: PartitionTable;
}

/** What `fedx plan --explain` shows. */
export interface SpecExplanation {
  readonly spec: ExperimentSpec;
  /** Every value of the resolved spec and where it comes from. */
  readonly values: readonly ExplainedValue[];
}

export interface Host {
  /** The resolved spec. Throws FEDX_SPEC_… with all diagnostics. Executes the plugins that the spec names. */
  validate(request: SpecRequest): Promise<ExperimentSpec>;
  /** The resolved spec, value by value. Throws as `validate` does. */
  explain(request: SpecRequest): Promise<SpecExplanation>;
  plan(request: SpecRequest): Promise<ExperimentPlan>;
  /** Runs all arms. `onEvent` sees each journal entry once it is on disk. Rejects with a FedxError; the journal stays whole. */
  run(request: SpecRequest, options: RunOptions): Promise<RunReport>;
  /** Fills a run, by id or folder, into an MLflow server, exactly once. Throws FEDX_TRACKING_… */
  sync(run: string, options: SyncOptions): Promise<SyncSummary>;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onEvent: (entry: JournalEntry) => void;
}

export interface SyncOptions {
  /** Address of the server; default: as the run's spec says. */
  readonly server?: string | undefined;
  readonly signal: AbortSignal;
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
  /** Where MLflow's variables are read; default: the process's. */
  readonly env?: NodeJS.ProcessEnv;
}

/** What the container holds, by token. */
interface Services {
  clock: Clock;
  fileSystem: FileSystem;
  directory: string;
  cache: string;
  env: NodeJS.ProcessEnv;
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
function provideLazily<Token extends Name>(
  services: DependencyContainer,
  name: Token,
  make: (services: DependencyContainer) => Services[Token],
): void {
  services.register<Services[Token]>(name, { useFactory: instancePerContainerCachingFactory(make) });
}

/**
 * The part of a host that needs the container. `create-host.ts` loads this module when it is asked for, so that a spec is
 * checked without it.
 */
export function composeHost({
  plugins,
  directory = process.cwd(),
  cache,
  fileSystem = nodeFileSystem,
  clock = systemClock,
  env = process.env,
}: HostOptions): Omit<Host, 'validate' | 'explain'> {
  const root = container.createChildContainer();
  provide(root, 'clock', clock);
  provide(root, 'fileSystem', fileSystem);
  provide(root, 'directory', resolve(directory));
  provide(root, 'cache', resolve(cache ?? process.env['FEDX_CACHE'] ?? join(directory, '.fedx', 'cache')));
  provide(root, 'env', env);
  provideLazily(root, 'builtIns', () => createCatalogue(plugins));

  return {
    plan: async (request) => describePlan(await get(await composeRun(root, request, neverAborted()), 'experiment')),
    run: async (request, options) => run(await composeRun(root, request, options.signal), request, options),
    sync: (id, options) => sync({ run: id, directory: get(root, 'directory'), env: get(root, 'env'), ...options }),
  };
}

/** The container of one run: its spec is resolved, everything else is made when it is asked for. */
async function composeRun(
  root: DependencyContainer,
  request: SpecRequest,
  signal: AbortSignal,
): Promise<DependencyContainer> {
  const { spec, parsed, catalogue } = await resolveRequest(request, get(root, 'builtIns'));
  const services = root.createChildContainer();
  provide(services, 'specDirectory', parsed.directory);
  provide(services, 'catalogue', catalogue);
  provide(services, 'signal', signal);
  provide(services, 'spec', spec);
  provideLazily(services, 'dataset', (own) => loadDataset(own));
  provideLazily(services, 'experiment', async (own) =>
    prepareExperiment(get(own, 'spec'), get(own, 'catalogue'), await get(own, 'dataset'), {
      directory: get(own, 'specDirectory'),
      cache: get(own, 'cache'),
      signal: get(own, 'signal'),
    }),
  );
  return services;
}

function loadDataset(services: DependencyContainer): Promise<Dataset> {
  const { dataset: slot } = get(services, 'spec');
  const plugin = pluginOf(get(services, 'catalogue'), 'dataset', slot);
  const context = {
    directory: get(services, 'specDirectory'),
    cache: get(services, 'cache'),
    signal: get(services, 'signal'),
  };
  return awaitPlugin(plugin.name, 'to load its data', () => plugin.load(optionsOf(slot), context));
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

async function run(
  services: DependencyContainer,
  { overrides }: SpecRequest,
  { onEvent }: RunOptions,
): Promise<RunReport> {
  const context = {
    spec: get(services, 'spec'),
    directory: get(services, 'directory'),
    env: get(services, 'env'),
    signal: get(services, 'signal'),
    onEvent,
  };
  try {
    return await withTracking(context, async (whenOnDisk) =>
      runExperiment(await get(services, 'experiment'), {
        directory: get(services, 'directory'),
        specDirectory: get(services, 'specDirectory'),
        cache: get(services, 'cache'),
        clock: get(services, 'clock'),
        fileSystem: get(services, 'fileSystem'),
        signal: get(services, 'signal'),
        overrides,
        onEvent: whenOnDisk,
      }),
    );
  } finally {
    await services.dispose();
  }
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
