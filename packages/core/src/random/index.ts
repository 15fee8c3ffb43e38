export { createRandom, type Random, randomFromKey } from './random.js';
