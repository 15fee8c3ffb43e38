export {
  type ComparedArm,
  type ComparedDifference,
  type ComparedRun,
  type CompareRequest,
  type Comparison,
} from './compare.js';
export { compareFolders, type FolderComparison, type LeftOut, resumeHint } from './compare-folders.js';
export { leavesByPath } from './configurations.js';
export { evaluateExpectations } from './expectations.js';
export type { FigureOfStep } from './figure.js';
export { type PairedSummary, type SampleSummary, summarisePairedDifferences, summariseSample } from './intervals.js';
export { sweptPaths } from './swept-paths.js';
export { judge, type Verdict } from './verdicts.js';
