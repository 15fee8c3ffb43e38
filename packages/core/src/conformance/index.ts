export type { ConformanceCheck } from './check.js';
export { type DatasetSetup, datasetConformance } from './dataset.js';
export type { Setup, WrittenOptions } from './definition.js';
export { type ModelSetup, modelConformance } from './model.js';
export { optimizerConformance } from './optimizer.js';
export { partitionerConformance } from './partitioner.js';
export { samplerConformance } from './sampler.js';
export { scheduleConformance } from './schedule.js';
export { type StrategyClaims, type StrategySetup, strategyConformance } from './strategy.js';
