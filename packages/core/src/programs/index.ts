/** What is compiled: a client's local step, a gradient over its data, an evaluation. */
export { evaluationStep, type TracedMetric } from './evaluation-step.js';
export { gradientPass } from './gradient.js';
export { drawsNothing, keyedRandom } from './keyed-random.js';
export { type ModelOnData, rolesOf } from './model-pass.js';
export { flatten, names, rename, scalars } from './names.js';
export { type Tables, tablesOf } from './tables.js';
export { traceModel } from './trace-model.js';
export { type TracedRule, type TrainingStep, trainingStep } from './training-step.js';
