import { CompileError } from '../compile-error.js';
import { tf } from '../tfjs.js';
import { insteadOfGradient } from './alternatives.js';

/**
 * Gives every kernel that tfjs cannot differentiate a gradient that refuses: COMPILE_UNSUPPORTED_OP, with a stack that
 * reaches the line that called the operation, on every backend, if stacks are deep enough. tfjs's own error comes when the gradient is asked for, when
 * that line is long done. Where a function calls the kernel several times, the line is that of the last call.
 */
export function refuseMissingGradients(): void {
  for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
    if (!isGiven(tf.getGradient(kernelName))) tf.registerGradient(refusal(kernelName));
  }
}

/** tfjs asks for what a gradient wants to keep while the operation is called: the moment that knows the line. */
function refusal(kernelName: string): Parameters<typeof tf.registerGradient>[0] {
  let called = withoutGradient(kernelName);
  return {
    kernelName,
    get inputsToSave() {
      called = withoutGradient(kernelName);
      return [];
    },
    gradFunc: () => {
      throw called;
    },
  };
}

function withoutGradient(op: string): CompileError {
  return new CompileError(
    'COMPILE_UNSUPPORTED_OP',
    `The tfjs operation ${op} has no gradient: ${insteadOfGradient(op)}.`,
    { op },
  );
}

/** tfjs's types leave out that there may be none. */
function isGiven(gradient: unknown): boolean {
  return gradient !== undefined && gradient !== null;
}
