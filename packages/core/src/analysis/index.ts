export { evaluateExpectations } from './expectations.js';
export { type SampleSummary, summarisePairedDifferences, summariseSample } from './intervals.js';
