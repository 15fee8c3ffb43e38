/** Why a function could not be compiled; `op` is the tfjs kernel, `at` the line of the author's code that called it. */
export interface CompileErrorDetails {
  readonly op?: string;
  readonly at?: string;
}

/** A function cannot be traced or lowered. Told by `code`. */
export class CompileError extends Error {
  readonly code: 'COMPILE_UNSUPPORTED_OP' | 'COMPILE_IMPURE' | 'COMPILE_INVALID';
  readonly details: CompileErrorDetails;

  constructor(code: CompileError['code'], message: string, details: CompileErrorDetails = {}) {
    super(details.at === undefined ? message : `${message} (at ${details.at})`);
    this.name = 'CompileError';
    this.code = code;
    this.details = details;
  }
}
