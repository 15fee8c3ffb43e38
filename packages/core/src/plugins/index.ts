export { awaitPlugin, callPlugin, tracePlugin } from './call-plugin.js';
export { type Catalogue, createCatalogue, type LoadedPlugin } from './catalogue.js';
export {
  defineAttack,
  defineDataset,
  defineMetric,
  defineModel,
  defineOptimizer,
  definePartitioner,
  defineSampler,
  defineSchedule,
  defineSink,
  defineStrategy,
  defineTransform,
} from './define.js';
export { pluginDigests } from './digests.js';
export { loadPlugins, type PluginReference } from './load.js';
export { type OptionRow, optionTable } from './option-table.js';
export { whyNoPlugin } from './plugin-shape.js';
