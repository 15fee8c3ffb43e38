import type {
  ClientRule,
  Dataset,
  Model,
  Optimizer,
  Parameters,
  Partition,
  PartitionRequest,
  PluginKind,
  PluginOfKind,
  Strategy,
} from '../contracts/index.js';
import { buildFederatedData, checkDataset, type FederatedData } from '../data/index.js';
import { FedxError } from '../errors/index.js';
import { isFinite } from '../parameters/index.js';
import type { Catalogue } from '../plugins/index.js';
import { createRandom, type Random } from '../random/index.js';
import type { ExperimentSpec, Slot, StreamName } from '../spec/index.js';
import { type ArmPlan, planArms } from './plan-arms.js';
import { callPlugin, checkedCohort, tracePlugin } from './plugin-calls.js';

/** A spec with its plugins made and its data split: all that a run needs beside an engine and a folder. */
export interface Experiment {
  readonly spec: ExperimentSpec;
  readonly catalogue: Catalogue;
  readonly data: FederatedData;
  readonly model: Model;
  readonly initial: Parameters;
  readonly streams: Readonly<Record<StreamName, Random>>;
  readonly arms: readonly ArmPlan[];
  readonly cohort: (round: number) => readonly number[];
}

/** Splits the data, makes the model and plans the arms. Throws what the plugins and the split throw. */
export function prepareExperiment(spec: ExperimentSpec, catalogue: Catalogue, dataset: Dataset): Experiment {
  const streams = deriveStreams(spec);
  checkDataset(spec.dataset.use, dataset);
  const data = splitData(spec, catalogue, dataset, streams);
  const plugin = pluginOf(catalogue, 'model', spec.model);
  const made = callPlugin(plugin.name, 'to start', () => plugin.create(optionsOf(spec.model), dataset));
  const model: Model = {
    init: (random) => made.init(random),
    apply: (call) => tracePlugin(plugin.name, () => made.apply(call)),
  };
  const initial = callPlugin(plugin.name, 'to make its initial parameters', () => model.init(streams.init));
  if (!isFinite(initial))
    throw new FedxError(
      'FEDX_PLUGIN_FAILED',
      `The model ${spec.model.use} starts from parameters that are not finite.`,
      { place: { plugin: spec.model.use } },
    );
  const sizes = data.clients.map(({ train }) => train.length);
  const sampler = pluginOf(catalogue, 'sampler', spec.server.cohort);
  const options = optionsOf(spec.server.cohort);
  const cohort = (round: number) => checkedCohort(sampler, options, sizes, round, streams.cohort);
  return { spec, catalogue, data, model, initial, streams, cohort, arms: planArms(spec, sizes, cohort) };
}

function splitData(
  { holdout, partition: slot }: ExperimentSpec,
  catalogue: Catalogue,
  dataset: Dataset,
  streams: Experiment['streams'],
): FederatedData {
  const partitioner = pluginOf(catalogue, 'partitioner', slot);
  const partition = (request: PartitionRequest): Partition => partitioner.partition(optionsOf(slot), request);
  return buildFederatedData({ dataset, partitioner: slot.use, partition, holdout, streams });
}

/** The strategy, made anew for each arm: arms never share state. */
export function createStrategy(
  { spec, catalogue, streams }: Experiment,
  context: { readonly cache: string; readonly signal: AbortSignal; readonly log: (message: string) => void },
): Strategy {
  const plugin = pluginOf(catalogue, 'strategy', spec.strategy);
  return callPlugin(plugin.name, 'to start', () =>
    plugin.create(optionsOf(spec.strategy), { ...context, random: streams.cohort.at('strategy') }),
  );
}

/** The strategy's side of the clients, whose faults name it. */
export function clientRule(
  { client }: Strategy,
  slot: Slot,
): { readonly rule: ClientRule; readonly slot: Slot } | undefined {
  return client && { slot, rule: { gradient: (call) => tracePlugin(slot.use, () => client.gradient(call)) } };
}

/** A client's optimizer, whose faults name it. */
export function createOptimizer({ catalogue }: Experiment, slot: Slot): Optimizer {
  const plugin = pluginOf(catalogue, 'optimizer', slot);
  const made = callPlugin(plugin.name, 'to start', () => plugin.create(optionsOf(slot)));
  return { slots: made.slots ?? [], update: (step) => tracePlugin(plugin.name, () => made.update(step)) };
}

/** The plugin that a slot chooses. The spec was resolved against the catalogue, so that it is there. */
export function pluginOf<Kind extends PluginKind>(catalogue: Catalogue, kind: Kind, { use }: Slot): PluginOfKind[Kind] {
  const plugin = catalogue.find(kind, use);
  if (plugin === undefined) throw new FedxError('FEDX_INTERNAL', `There is no ${kind} ${use}.`);
  return plugin;
}

/** A slot's options, less its `use`. */
export function optionsOf({ use: _, ...options }: Slot): Readonly<Record<string, unknown>> {
  return options;
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
  };
}
