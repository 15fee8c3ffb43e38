export { traceScan } from './scan.js';
export { registerGradients } from './gradients.js';
export { type Tracer, trace } from './trace-backend.js';
