export { createAccountant } from './accountant.js';
