/** Stack frames of ours and of tfjs: an author wants to see neither. */
const INTERNAL = /node_modules|node:internal|compiler[\\/](?:src|dist)[\\/]|^\s*at <anonymous>/;

/** More frames than Node keeps: between the author's call and a kernel lie a dozen of tfjs's. */
const DEEPEST = 100;

/** `file:line:column` of the innermost stack frame that is neither ours nor a library's, if there is one. */
export function authorLine(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = DEEPEST;
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = stackTraceLimit;
  const frame = frames.find((line) => !INTERNAL.test(line));
  return /\(?([^()\s]+:\d+:\d+)\)?$/.exec(frame ?? '')?.[1] ?? 'an unknown place';
}
