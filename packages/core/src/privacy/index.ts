export { type Accountant, createAccountant } from './accountant.js';
export { defaultOrders, epsilonOf, renyiDivergence } from './rdp.js';
