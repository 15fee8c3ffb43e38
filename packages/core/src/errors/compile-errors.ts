import type { ErrorCode } from './catalogue.js';
import { FedxError, isFedxError } from './fedx-error.js';

const codes: Readonly<Record<string, ErrorCode>> = {
  COMPILE_UNSUPPORTED_OP: 'FEDX_COMPILE_UNSUPPORTED_OP',
  COMPILE_IMPURE: 'FEDX_COMPILE_FAILED',
  COMPILE_INVALID: 'FEDX_COMPILE_FAILED',
};

/** Our code for one of the compiler's errors; undefined for any other error. */
export function compileErrorCode(error: Error): ErrorCode | undefined {
  return 'code' in error && typeof error.code === 'string' ? codes[error.code] : undefined;
}

/** Calls `compile` and puts the compiler's coded errors, and what a traced plugin throws, into ours. */
export function translateCompileError<Result>(compile: () => Result): Result {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof Error) || isFedxError(error)) throw error;
    throw new FedxError(compileErrorCode(error) ?? 'FEDX_COMPILE_FAILED', error.message, { cause: error });
  }
}
