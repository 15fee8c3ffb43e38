export { compileLocalTraining, type Trained } from './clients/local-training.js';
export type { ChosenMetric } from './evaluation/chosen-metrics.js';
export { createPredictor } from './evaluation/predict.js';
export { type MeasuredExamples, scoreMetric } from './evaluation/score-metric.js';
export { checkedAggregate, checkedCandidates, checkedCohort } from './plugin-calls.js';
export { createUpdates } from './uplink/updates.js';
export { createUplink, type Uplink } from './uplink/uplink.js';
