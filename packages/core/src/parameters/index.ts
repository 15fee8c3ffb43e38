export {
  add,
  clone,
  count,
  dot,
  isFinite,
  multiply,
  norm,
  scale,
  subtract,
  weightedMean,
  zerosLike,
} from './arithmetic.js';
