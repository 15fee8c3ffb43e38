export { trace, type Tracer } from './trace-backend.js';
