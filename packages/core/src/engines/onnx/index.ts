/** The worker's door: what runs programs, without what compiles them. */
export { openProgram } from './session.js';
