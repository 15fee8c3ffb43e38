export {
  add,
  clone,
  count,
  distance,
  divide,
  dot,
  isFinite,
  multiply,
  norm,
  omit,
  pick,
  scale,
  shift,
  sign,
  sqrt,
  subtract,
  zerosLike,
} from './arithmetic.js';
export { writeDifferences } from './differences.js';
export { squaredDistances } from './distances.js';
export { type MeanWithDistances, meanWithDistances } from './mean-with-distances.js';
export { meanOfRanks } from './ranks.js';
export { coordinateWise, type RunningMean, runningMean, weightedMean } from './reductions.js';
