/** Why a function could not be compiled; `op` is the tfjs kernel. */
export interface CompileErrorDetails {
  readonly op?: string;
}

/** A function cannot be traced or lowered. Told by `code`; what was thrown while tracing has a stack that reaches the function. */
export class CompileError extends Error {
  readonly code: 'COMPILE_UNSUPPORTED_OP' | 'COMPILE_IMPURE' | 'COMPILE_INVALID';
  readonly details: CompileErrorDetails;

  constructor(code: CompileError['code'], message: string, details: CompileErrorDetails = {}) {
    super(message);
    this.name = 'CompileError';
    this.code = code;
    this.details = details;
  }
}
