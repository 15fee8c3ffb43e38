/** The authoring door: what a plugin imports. Loads no tfjs, no engine and no container. */
export type * from './contracts/index.js';
export { type ErrorCode, type ErrorPlace, FedxError, type FedxErrorOptions, isFedxError } from './errors/index.js';
export { fromLayers } from './layers/index.js';
export type { Initialiser } from './layers/initialisers.js';
export * as initialisers from './layers/initialisers.js';
export * as parameters from './parameters/for-plugins.js';
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
} from './plugins/define.js';
export type { Random } from './random/index.js';
export type { JournalEntry, RunEvent } from './runs/index.js';
