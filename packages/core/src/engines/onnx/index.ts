/** The worker's door: what runs programs, without what compiles them. */
export { openSession, runJob } from './session.js';
