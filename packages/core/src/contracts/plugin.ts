import type { AttackPlugin } from './attack.js';
import type { DatasetPlugin } from './dataset.js';
import type { MetricPlugin } from './metric.js';
import type { ModelPlugin } from './model.js';
import type { OptimizerPlugin } from './optimizer.js';
import type { PartitionerPlugin } from './partitioner.js';
import type { SamplerPlugin } from './sampler.js';
import type { SchedulePlugin } from './schedule.js';
import type { SinkPlugin } from './sink.js';
import type { StrategyPlugin } from './strategy.js';
import type { TransformPlugin } from './transform.js';

/** Every plugin kind and the plugin that it stands for. */
export interface PluginOfKind {
  dataset: DatasetPlugin;
  partitioner: PartitionerPlugin;
  model: ModelPlugin;
  optimizer: OptimizerPlugin;
  schedule: SchedulePlugin;
  strategy: StrategyPlugin;
  sampler: SamplerPlugin;
  transform: TransformPlugin;
  attack: AttackPlugin;
  metric: MetricPlugin;
  sink: SinkPlugin;
}

export type PluginKind = keyof PluginOfKind;

/** Any plugin, as the catalogue holds it. */
export type Plugin = PluginOfKind[PluginKind];
