export { adagrad } from './adagrad.js';
export { adam, adamw } from './adam.js';
export { rmsprop } from './rmsprop.js';
export { sgd } from './sgd.js';
