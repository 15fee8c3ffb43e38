export type { ChosenMetric } from './chosen-metrics.js';
export { compileLocalTraining, type Trained } from './local-training.js';
export { checkedAggregate, checkedCandidates, checkedCohort } from './plugin-calls.js';
export { createPredictor } from './predict.js';
export { type MeasuredExamples, scoreMetric } from './score-metric.js';
export { createUpdates } from './updates.js';
export { createUplink, type Uplink } from './uplink.js';
