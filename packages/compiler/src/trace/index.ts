export { registerGradients } from './gradients.js';
export { traceScan } from './scan.js';
export { type Tracer, trace } from './trace-backend.js';
