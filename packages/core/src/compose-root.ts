import 'reflect-metadata';
import { resolve } from 'node:path';
import { container, type DependencyContainer, instancePerContainerCachingFactory } from 'tsyringe';
import { cacheFolder } from './cache-folder.js';
import { partitionTable } from './data/index.js';
import { FedxError, redact } from './errors/index.js';
import { estimateRun } from './experiment/estimate/estimate.js';
import { type Asked, findEarlier, standingOf } from './experiment/invocation/earlier.js';
import { checkUnchanged, type PointsBefore, pointsBefore } from './experiment/invocation/resume.js';
import { runPoints } from './experiment/invocation/run-points.js';
import { createWorkshop, type Workshop } from './experiment/invocation/workshop.js';
import { exportModel, type PreparedRun } from './export-model.js';
import type { ExperimentPlan, Host, HostOptions, PlanOptions, ResumeOptions, RunOptions } from './host-contract.js';
import { count } from './parameters/index.js';
import { type Catalogue, createCatalogue, pluginDigests } from './plugins/index.js';
import { resolveRequest, type SpecRequest } from './resolve-request.js';
import {
  type Clock,
  type FileSystem,
  findResumable,
  type Invocation,
  nodeFileSystem,
  type RunReport,
  resumeInvocation,
  startInvocation,
  systemClock,
} from './runs/index.js';
import { argumentOverrides, hashSpec, readSpec, type SpecPoint } from './spec/index.js';
import { sync, syncMissing } from './tracking/index.js';

/** What the container holds, by token. */
interface Services {
  clock: Clock;
  fileSystem: FileSystem;
  directory: string;
  cache: string;
  onNotice: (message: string) => void;
  env: NodeJS.ProcessEnv;
  builtIns: Catalogue;
  /** Of one invocation. */
  request: RequestWithText;
  specDirectory: string;
  points: readonly SpecPoint[];
  /** SHA-256 of each plugin file, by its name in the spec. */
  plugins: Readonly<Record<string, string>>;
  catalogue: Catalogue;
  signal: AbortSignal;
  workshop: Workshop;
}

/** A request whose file has been read, so that an invocation can be resumed when the file is gone or changed. */
interface RequestWithText extends SpecRequest {
  readonly text: string;
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
  onNotice = () => {},
  fileSystem = nodeFileSystem,
  clock = systemClock,
  env = process.env,
}: HostOptions): Omit<Host, 'schema' | 'plugins' | 'validate' | 'explain'> {
  const root = container.createChildContainer();
  provide(root, 'clock', clock);
  provide(root, 'fileSystem', fileSystem);
  provide(root, 'directory', resolve(directory));
  provide(root, 'cache', resolve(cache ?? cacheFolder(directory)));
  provide(root, 'onNotice', (message) => {
    onNotice(redact(message));
  });
  provide(root, 'env', env);
  provideLazily(root, 'builtIns', () => createCatalogue(plugins));

  return {
    standing: async (request) => standingOf(askedBy(await compose(root, request, neverAborted()))),
    plan: async (request, options) => plan(await compose(root, request, neverAborted()), options),
    run: async (request, options) => run(await compose(root, request, options.signal), options),
    resume: (invocation, options) => resume(root, invocation, options),
    export: (request) =>
      exportModel(request, {
        directory: get(root, 'directory'),
        fileSystem: get(root, 'fileSystem'),
        prepare: (file) => prepareRun(root, file),
      }),
    sync: (id, options) => sync({ run: id, directory: get(root, 'directory'), env: get(root, 'env'), ...options }),
    syncMissing: (server, options) =>
      syncMissing({ server, directory: get(root, 'directory'), env: get(root, 'env'), ...options }),
  };
}

/** The container of one invocation: its spec is resolved, everything else is made when it is asked for. */
async function compose(
  root: DependencyContainer,
  request: SpecRequest & Partial<RequestWithText>,
  signal: AbortSignal,
): Promise<DependencyContainer> {
  const { text = await readSpec(request.file) } = request;
  const { points, parsed, catalogue, loaded } = await resolveRequest({ ...request, text }, get(root, 'builtIns'));
  const specDirectory = parsed.directory;
  const services = root.createChildContainer();
  provide(services, 'request', { ...request, text });
  provide(services, 'specDirectory', specDirectory);
  provide(services, 'signal', signal);
  provide(services, 'plugins', await pluginDigests(loaded));
  provide(services, 'catalogue', catalogue);
  provide(services, 'points', points);
  provideLazily(services, 'workshop', (own) =>
    createWorkshop({
      catalogue,
      specDirectory,
      signal,
      first: firstOf(points).spec,
      cache: get(own, 'cache'),
      fileSystem: get(own, 'fileSystem'),
      log: get(own, 'onNotice'),
    }),
  );
  return services;
}

async function plan(services: DependencyContainer, { estimate }: PlanOptions): Promise<ExperimentPlan> {
  const points = get(services, 'points');
  const workshop = get(services, 'workshop');
  const experiment = await workshop.prepare(firstOf(points).spec);
  const { arms, data, initial, spec } = experiment;
  const engine = await workshop.chooseEngine(spec);
  return {
    spec,
    points: points.map(({ overrides }) => ({ overrides })),
    engine: engine.name,
    examples: data.dataset.examples,
    heldOut: { test: data.test.length, validation: data.validation.length },
    parameters: count(initial),
    arms: arms.map(({ name, steps, localSteps }) => ({ arm: name, steps, localSteps })),
    partition: partitionTable(data),
    attackers: [...experiment.environment.attackers],
    warnings: experiment.warnings,
    ...(estimate && {
      estimate: await estimateRun(experiment, {
        engine,
        cache: get(services, 'cache'),
        fileSystem: get(services, 'fileSystem'),
        signal: get(services, 'signal'),
      }),
    }),
  };
}

/** What is asked for, as earlier runs are told by it. */
function askedBy(services: DependencyContainer): Asked {
  return {
    directory: get(services, 'directory'),
    file: resolve(get(services, 'request').file),
    points: get(services, 'points'),
    plugins: get(services, 'plugins'),
    catalogue: get(services, 'catalogue'),
  };
}

async function run(services: DependencyContainer, options: RunOptions): Promise<RunReport> {
  const points = get(services, 'points');
  const earlier = options.goOn === true ? await findEarlier(askedBy(services)) : undefined;
  if (earlier !== undefined) {
    const directory = get(services, 'directory');
    const { record, invocation } = resumeInvocation(earlier.id, { directory, fileSystem: get(services, 'fileSystem') });
    return work(services, () => Promise.resolve(invocation), options, pointsBefore(directory, record));
  }
  const { file, text, overrides, seeds } = get(services, 'request');
  const begin = () =>
    startInvocation(
      {
        name: firstOf(points).spec.name,
        file: resolve(file),
        text,
        overrides,
        ...(seeds === undefined ? {} : { seeds }),
        points: points.map((point) => ({ overrides: point.overrides, specHash: hashSpec(point.spec), runs: [] })),
      },
      { directory: get(services, 'directory'), clock: get(services, 'clock'), fileSystem: get(services, 'fileSystem') },
    );
  return work(services, begin, options);
}

async function resume(root: DependencyContainer, name: string, options: ResumeOptions): Promise<RunReport> {
  const directory = get(root, 'directory');
  const { force = false } = options;
  const { invocation: id, run: single } = findResumable(directory, name);
  const { record, invocation } = resumeInvocation(id, { directory, fileSystem: get(root, 'fileSystem') });
  try {
    const services = await compose(root, record, options.signal);
    checkUnchanged(record, get(services, 'points'), force);
    const only = single === undefined ? undefined : record.points.findIndex(({ runs }) => runs.includes(single));
    return await work(services, () => Promise.resolve(invocation), options, {
      ...pointsBefore(directory, record),
      only,
      force,
    });
  } finally {
    invocation.close();
  }
}

/** Prepares a run's spec once more, to make its model. */
async function prepareRun(root: DependencyContainer, file: string): Promise<PreparedRun> {
  const services = await compose(root, { file, overrides: [] }, neverAborted());
  const workshop = get(services, 'workshop');
  return {
    experiment: await workshop.prepare(firstOf(get(services, 'points')).spec),
    plugins: get(services, 'plugins'),
    close: () => workshop.close(),
  };
}

/** Runs the points of an invocation that did not complete before, and lets go of what they shared. */
async function work(
  services: DependencyContainer,
  begin: () => Promise<Invocation>,
  { onEvent, onPoint = () => undefined }: RunOptions,
  before: Partial<PointsBefore> & { readonly only?: number | undefined; readonly force?: boolean } = {},
): Promise<RunReport> {
  const workshop = get(services, 'workshop');
  let begun: Promise<Invocation> | undefined;
  const invocation = () => (begun ??= begin());
  try {
    return await runPoints(get(services, 'points'), {
      invocation,
      workshop,
      ...before,
      force: before.force ?? false,
      plugins: get(services, 'plugins'),
      directory: get(services, 'directory'),
      specDirectory: get(services, 'specDirectory'),
      cache: get(services, 'cache'),
      clock: get(services, 'clock'),
      fileSystem: get(services, 'fileSystem'),
      signal: get(services, 'signal'),
      env: get(services, 'env'),
      argumentOverrides: argumentOverrides(get(services, 'request').overrides),
      onEvent,
      onPoint,
    });
  } finally {
    await workshop.close();
    await begun?.then(
      ({ close }) => {
        close();
      },
      () => undefined,
    );
    await services.dispose();
  }
}

/** A sweep has at least one point. */
function firstOf(points: readonly SpecPoint[]): SpecPoint {
  const [first] = points;
  if (first === undefined) throw new FedxError('FEDX_INTERNAL', 'A spec resolved to no point.');
  return first;
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
