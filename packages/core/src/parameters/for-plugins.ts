/** `parameters` as plugins see them. */
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
export { coordinateWise } from './coordinate-wise.js';
export { squaredDistances } from './distances.js';
export { type MeanWithDistances, meanWithDistances } from './mean-with-distances.js';
export { meanOfRanks } from './ranks.js';
export { type MeanWithNorms, meanWithNorms, weightedMean } from './weighted-mean.js';
