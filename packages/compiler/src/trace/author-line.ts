/** Stack frames of ours and of tfjs: an author wants to see neither. */
const INTERNAL = /node_modules|node:internal|compiler[\\/](?:src|dist)[\\/]|^\s*at <anonymous>/;

/** `file:line:column` of the innermost stack frame that is neither ours nor a library's, if there is one. */
export function authorLine(): string {
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  const frame = frames.find((line) => !INTERNAL.test(line));
  return /\(?([^()\s]+:\d+:\d+)\)?$/.exec(frame ?? '')?.[1] ?? 'an unknown place';
}
