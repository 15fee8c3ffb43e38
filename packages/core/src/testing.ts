/** The door for a plugin's tests: a conformance suite for each kind, streams to draw from, and a round's updates. */
export * from './conformance/index.js';
export { createUpdates } from './experiment/index.js';
export { createRandom } from './random/index.js';
