/** The door for a plugin's tests. */
export { createRandom } from './random/index.js';
