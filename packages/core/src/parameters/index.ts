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
export { squaredDistances } from './distances.js';
export { coordinateWise, weightedMean } from './reductions.js';
