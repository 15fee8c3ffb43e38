export { activation, dense, flatten } from './dense.js';
export { conv, globalAveragePool, groupNorm, maxPool } from './images.js';
export { imageShape, type Layer, modelOf, sequence, stateless } from './layer.js';
export { lstm } from './lstm.js';
