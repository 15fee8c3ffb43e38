/** The worker's door: what runs programs, without what compiles them. */
export { loadAddon } from './addon.js';
export { openProgram } from './session.js';
