export { writeDifferences } from './differences.js';
export * from './for-plugins.js';
export { runningMean } from './weighted-mean.js';
