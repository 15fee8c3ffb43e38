export { atPlace } from './at-place.js';
export { catalogue, type ErrorCode, exitCodes } from './catalogue.js';
export { compileErrorCode, translateCompileError } from './compile-errors.js';
export { type Diagnostic, type ErrorPlace, FedxError, type FedxErrorOptions, isFedxError } from './fedx-error.js';
export { printable } from './printable.js';
export { holdsCredentials, isSecretName, keepSecret, redact, redactWritten } from './secrets.js';
