export { awaitPlugin, callPlugin, pluginError, traceChecked, tracePlugin } from './call-plugin.js';
export { type Catalogue, createCatalogue, type LoadedPlugin } from './catalogue.js';
export { describe } from './contract-members.js';
export { awaitCreated, createPlugin } from './create-plugin.js';
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
export { whyNoModelOutput, whyNoTensorOf, whyNoTensors, whyNoTensorsLike, whyNoUpdate } from './traced-results.js';
