/** The door for a plugin's tests. */
export { createUpdates } from './experiment/updates.js';
export { createRandom } from './random/index.js';
