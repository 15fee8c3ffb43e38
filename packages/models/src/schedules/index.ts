export { constant } from './constant.js';
export { cosine } from './cosine.js';
export { exponential } from './exponential.js';
export { step } from './step.js';
