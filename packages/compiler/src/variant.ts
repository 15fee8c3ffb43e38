import type { Value } from './ir/index.js';

/** Values never change, so that what was found once holds. */
const known = new WeakMap<Value, boolean>();

/** Whether a value of a loop's body differs from step to step; the others are computed once, before the loop. */
export function isVariant(value: Value): boolean {
  const found =
    known.get(value) ?? (value.op === 'input' ? isOfStep(value.attributes.name) : value.operands.some(isVariant));
  known.set(value, found);
  return found;
}

function isOfStep(input: string): boolean {
  return !/^(?:constant|table)\//.test(input);
}
