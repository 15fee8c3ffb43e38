import type {
  AttackPlugin,
  DatasetPlugin,
  MetricPlugin,
  Model,
  ModelPlugin,
  OptimizerPlugin,
  OptionsSchema,
  PartitionerPlugin,
  SamplerPlugin,
  SchedulePlugin,
  SinkPlugin,
  StrategyPlugin,
  TensorMap,
  TransformPlugin,
  Tree,
} from '../contracts/index.js';
import { noteDefinition } from './own-code.js';

/** Version of the plugin contracts: a plugin carries the one that it was made for, and runs with no other. */
export const apiVersion = 1;

/** A plugin as its author writes it. */
type Definition<Plugin> = Omit<Plugin, 'kind'> & {
  /** The version of the plugin contracts that it is written for; default: that of the running fedx. */
  readonly apiVersion?: number;
};

/** A dataset: reads or downloads labelled examples. */
export function defineDataset<const Schema extends OptionsSchema>(
  plugin: Definition<DatasetPlugin<Schema>>,
): DatasetPlugin<Schema> {
  return mark({ kind: 'dataset', ...plugin });
}

/** A partitioner: spreads examples over clients. */
export function definePartitioner<const Schema extends OptionsSchema>(
  plugin: Definition<PartitionerPlugin<Schema>>,
): PartitionerPlugin<Schema> {
  return mark({ kind: 'partitioner', ...plugin });
}

/** A model: initial parameters and a pure tfjs function. */
export function defineModel<const Schema extends OptionsSchema, Made extends Model | Promise<Model>>(
  plugin: Definition<ModelPlugin<Schema, Made>>,
): ModelPlugin<Schema, Made> {
  return mark({ kind: 'model', ...plugin });
}

/** A client optimizer: a pure tfjs update rule. */
export function defineOptimizer<const Schema extends OptionsSchema>(
  plugin: Definition<OptimizerPlugin<Schema>>,
): OptimizerPlugin<Schema> {
  return mark({ kind: 'optimizer', ...plugin });
}

/** A learning-rate schedule: a factor for each round or local step. */
export function defineSchedule<const Schema extends OptionsSchema>(
  plugin: Definition<SchedulePlugin<Schema>>,
): SchedulePlugin<Schema> {
  return mark({ kind: 'schedule', ...plugin });
}

/** A strategy: aggregates clients' updates, and may change their local gradient. */
export function defineStrategy<
  const Schema extends OptionsSchema,
  State = undefined,
  Broadcast extends Tree = Readonly<Record<string, never>>,
  ClientState extends Tree = Readonly<Record<string, never>>,
  Report = undefined,
>(
  plugin: Definition<StrategyPlugin<Schema, State, Broadcast, ClientState, Report>>,
): StrategyPlugin<Schema, State, Broadcast, ClientState, Report> {
  return mark({ kind: 'strategy', ...plugin });
}

/** A client sampler: draws each round's cohort. */
export function defineSampler<const Schema extends OptionsSchema>(
  plugin: Definition<SamplerPlugin<Schema>>,
): SamplerPlugin<Schema> {
  return mark({ kind: 'sampler', ...plugin });
}

/** A transform: changes all that a client sends. */
export function defineTransform<const Schema extends OptionsSchema, State = undefined, Server = undefined>(
  plugin: Definition<TransformPlugin<Schema, State, Server>>,
): TransformPlugin<Schema, State, Server> {
  return mark({ kind: 'transform', ...plugin });
}

/** An attack: what malicious clients train on, and what they send. */
export function defineAttack<const Schema extends OptionsSchema>(
  plugin: Definition<AttackPlugin<Schema>>,
): AttackPlugin<Schema> {
  return mark({ kind: 'attack', ...plugin });
}

/** A metric: what an evaluation says of a model beside accuracy and loss. */
export function defineMetric<const Schema extends OptionsSchema, Measured extends TensorMap>(
  plugin: Definition<MetricPlugin<Schema, Measured>>,
): MetricPlugin<Schema, Measured> {
  return mark({ kind: 'metric', ...plugin });
}

/** A sink: where else than in its folder a run is recorded. */
export function defineSink<const Schema extends OptionsSchema>(
  plugin: Definition<SinkPlugin<Schema>>,
): SinkPlugin<Schema> {
  return mark({ kind: 'sink', ...plugin });
}

function mark<Plugin extends object>(plugin: Plugin): Plugin & { readonly apiVersion: number } {
  const marked = { apiVersion, ...plugin };
  noteDefinition(marked);
  return marked;
}
