export { type Tracer, trace } from './trace-backend.js';
