import type {
  Dataset,
  Model,
  ModelContext,
  Optimizer,
  ParameterInfo,
  Parameters,
  Partition,
  PartitionerSlot,
  PartitionRequest,
  Schedule,
  Strategy,
} from '../contracts/index.js';
import { buildFederatedData, checkDataset, type FederatedData } from '../data/index.js';
import { FedxError } from '../errors/index.js';
import { isFinite } from '../parameters/index.js';
import {
  awaitCreated,
  type Catalogue,
  callPlugin,
  createPlugin,
  describe,
  traceChecked,
  whyNoModelOutput,
  whyNoUpdate,
} from '../plugins/index.js';
import { createRandom, type Random } from '../random/index.js';
import { type ClientSpec, type ExperimentSpec, type Slot, type StreamName } from '../spec/index.js';
import { type ArmPlan, planArms } from './arms/plan-arms.js';
import { optionsOf, pluginOf } from './chosen-plugins.js';
import { checkStragglers, createEnvironment, type Environment } from './clients/environment.js';
import { warnOfIdleAttackers, warnOfIdleStragglers, warnOfSilence } from './clients/idle-environment.js';
import { warnOfAttackers } from './clients/robustness.js';
import { plannedArrivals, plannedCohortSizes } from './planned-rounds.js';
import { checkedCandidates, checkedCohort } from './plugin-calls.js';
import { checkCohorts, checkRequirements, warnOfTransforms } from './requirements.js';
import { warnOfSharing } from './shared-parameters.js';
import { labelMapOf, makeAttack, makeUplink } from './uplink/make-uplink.js';

export { optionsOf, pluginOf };

/** A spec with its plugins made and its data split: all that a run needs beside an engine and a folder. */
export interface Experiment {
  readonly spec: ExperimentSpec;
  readonly catalogue: Catalogue;
  readonly data: FederatedData;
  readonly model: Model;
  readonly initial: Parameters;
  readonly streams: Readonly<Record<StreamName, Random>>;
  readonly arms: readonly ArmPlan[];
  /** Clients whose loss the sampler of a round wants to know first; undefined where it asks for none. */
  readonly candidates: (round: number) => readonly number[] | undefined;
  /** Clients of a round; `losses` are those of the candidates, absent where a run is planned. */
  readonly cohort: (round: number, losses?: ReadonlyMap<number, number>) => readonly number[];
  readonly environment: Environment;
  /** What the user should know of the spec before it runs, though it does run. */
  readonly warnings: readonly string[];
}

/** Makes the model and plans the arms, on data from {@link splitData}. Throws what the plugins throw. */
export async function prepareExperiment(
  spec: ExperimentSpec,
  catalogue: Catalogue,
  data: FederatedData,
  context: ModelContext & { readonly cache: string; readonly signal: AbortSignal },
): Promise<Experiment> {
  const streams = deriveStreams(spec);
  const model = await createModel(spec, catalogue, data.dataset, context);
  const initial = callPlugin(spec.model.use, 'to make its initial parameters', () => model.init(streams.init));
  checkInitial(spec.model.use, model, initial);
  const sizes = data.clients.map(({ train }) => train.length);
  const sampler = pluginOf(catalogue, 'sampler', spec.server.cohort);
  const options = optionsOf(spec.server.cohort);
  const { directory } = context;
  const draw = (round: number) => ({ examples: sizes, round, random: streams.cohort, directory });
  const candidates = (round: number) => checkedCandidates(sampler, options, draw(round));
  const cohort: Experiment['cohort'] = (round, losses) => checkedCohort(sampler, options, { ...draw(round), losses });
  const environment = createEnvironment(spec.environment, sizes.length, streams.environment);
  checkStragglers(spec.environment, plannedCohortSizes(spec.server, cohort));
  const arms = planArms(spec, sizes, (round, work) => environment.assign(round, cohort(round), work));
  const warnings: string[] = [];
  const prepared = { spec, catalogue, data, model, initial, streams, candidates, cohort, environment, arms };
  const experiment = { ...prepared, warnings };
  // What cannot run as the spec says is refused here, before a run folder exists.
  labelMapOf(experiment);
  const planned = plannedArrivals(experiment);
  for (const { use, client } of arms) {
    if (use !== 'federated' && use !== 'iid') continue;
    const strategy = createStrategy(experiment, client, { ...context, log: () => undefined });
    makeUplink(experiment, strategy);
    checkCohorts(spec, strategy, planned);
    // Both arms have the same rounds and clients, so that one warning does.
    if (warnings.length > 0) continue;
    warnings.push(
      ...warnOfSharing(spec, strategy, parameterInfos(experiment)),
      ...warnOfTransforms(spec, strategy),
      ...warnOfSilence(planned),
      ...warnOfIdleStragglers(spec.environment, client),
      ...warnOfAttackers(experiment, strategy, planned),
      ...warnOfIdleAttackers(experiment, makeAttack(experiment), planned),
    );
  }
  return experiment;
}

/** The model, whose faults name it. */
async function createModel(
  { model: slot }: ExperimentSpec,
  catalogue: Catalogue,
  dataset: Dataset,
  context: ModelContext,
): Promise<Model> {
  const plugin = pluginOf(catalogue, 'model', slot);
  const made = await awaitCreated(plugin, () => plugin.create(optionsOf(slot), dataset, context));
  return {
    statistics: made.statistics ?? [],
    init: (random) => made.init(random),
    apply: (call) =>
      traceChecked(
        plugin,
        () => made.apply(call),
        (output) => whyNoModelOutput(output, { classes: dataset.classes, statistics: made.statistics }),
      ),
  };
}

function checkInitial(plugin: string, { statistics = [] }: Model, initial: Parameters): void {
  const fail = (what: string) =>
    new FedxError('FEDX_PLUGIN_FAILED', `The model ${plugin} ${what}.`, { place: { plugin } });
  if (typeof initial !== 'object' || (initial as unknown) === null)
    throw fail(`made ${describe(initial)} of its initial parameters`);
  const shapeless = Object.entries(initial as Readonly<Record<string, unknown>>).find(
    ([, tensor]) => !isParameter(tensor),
  );
  if (shapeless !== undefined)
    throw fail(`starts from a parameter ${shapeless[0]} that is not { shape, data: Float32Array } of that shape`);
  if (!isFinite(initial)) throw fail('starts from parameters that are not finite');
  const unknown = statistics.find((name) => initial[name] === undefined);
  if (unknown !== undefined) throw fail(`has no parameter ${unknown}, which it lists among its statistics`);
}

function isParameter(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('shape' in value) || !('data' in value)) return false;
  const { shape, data } = value;
  return (
    Array.isArray(shape) &&
    data instanceof Float32Array &&
    data.length === shape.reduce<number>((size, each) => size * Number(each), 1)
  );
}

/** The model's parameters as a strategy may ask about them. */
export function parameterInfos({ model, initial }: Experiment): readonly ParameterInfo[] {
  const statistics = new Set(model.statistics ?? []);
  return Object.entries(initial).map(([name, { shape }]) => ({
    name,
    shape,
    role: statistics.has(name) ? 'statistic' : 'weight',
  }));
}

/** Splits the data as the spec's holdout, partition and seeds say. Throws what the partitioner and the split throw. */
export function splitData(
  spec: ExperimentSpec,
  catalogue: Catalogue,
  dataset: Dataset,
  directory: string,
): FederatedData {
  const { holdout, partition: slot } = spec;
  checkDataset(spec.dataset.use, dataset);
  const partition = (chosen: PartitionerSlot, request: PartitionRequest): Partition =>
    pluginOf(catalogue, 'partitioner', chosen).partition(optionsOf(chosen), request);
  return buildFederatedData({
    dataset,
    partitioner: slot,
    partition,
    directory,
    holdout,
    streams: deriveStreams(spec),
  });
}

/** The strategy, made anew for each arm: arms never share state. Throws FEDX_STRATEGY_UNMET where the spec does not give what it requires. */
export function createStrategy(
  experiment: Experiment,
  client: ClientSpec,
  context: { readonly cache: string; readonly signal: AbortSignal; readonly log: (message: string) => void },
): Strategy {
  const { spec, catalogue, streams } = experiment;
  const { strategy: slot } = spec;
  const plugin = pluginOf(catalogue, 'strategy', slot);
  const strategy = createPlugin(plugin, () =>
    plugin.create(optionsOf(slot), {
      ...context,
      random: streams.cohort.at('strategy'),
      optimizer: client.optimizer,
    }),
  );
  checkRequirements(slot.use, strategy, client, createSchedule(experiment, client.schedule));
  return strategy;
}

/** A client's learning-rate schedule, whose faults name it. */
export function createSchedule({ catalogue }: Experiment, slot: Slot): Schedule {
  const plugin = pluginOf(catalogue, 'schedule', slot);
  const made = createPlugin(plugin, () => plugin.create(optionsOf(slot)));
  return {
    over: made.over,
    factor(time) {
      const factor = callPlugin(plugin.name, `in round ${time.round}`, () => made.factor(time));
      if (Number.isFinite(factor) && factor >= 0) return factor;
      throw new FedxError(
        'FEDX_PLUGIN_FAILED',
        `The schedule ${plugin.name} returned ${factor} in round ${time.round}: a finite factor of at least 0 is needed.`,
        { place: { plugin: plugin.name, round: time.round } },
      );
    },
  };
}

/** A client's optimizer, whose faults name it. */
export function createOptimizer({ catalogue }: Experiment, slot: Slot): Optimizer {
  const plugin = pluginOf(catalogue, 'optimizer', slot);
  const made = createPlugin(plugin, () => plugin.create(optionsOf(slot)));
  return {
    slots: made.slots ?? [],
    update: (step) =>
      traceChecked(
        plugin,
        () => made.update(step),
        (updated) => whyNoUpdate(updated, step),
      ),
  };
}

/** Each stream from its own pinned seed, or from the run's. */
function deriveStreams({ seed, seeds }: ExperimentSpec): Experiment['streams'] {
  const stream = (name: StreamName) => createRandom(seeds[name] ?? seed).at(name);
  return {
    data: stream('data'),
    partition: stream('partition'),
    init: stream('init'),
    cohort: stream('cohort'),
    batches: stream('batches'),
    environment: stream('environment'),
    noise: stream('noise'),
  };
}
