import { describe } from './contract-members.js';

/** Why `result` is no tensor, to follow "returned"; undefined where it is one. */
export function whyNoTensor(result: unknown): string | undefined {
  return isTensor(result) ? undefined : `${describe(result)}, where a tensor is needed`;
}

/** Why `result` is no object with a tensor of each of `names`, and tensors alone. */
export function whyNoTensors(result: unknown, names: readonly string[] = []): string | undefined {
  if (typeof result !== 'object' || result === null) return `${describe(result)}, where an object of tensors is needed`;
  const all = result as Readonly<Record<string, unknown>>;
  const wrong = [...names, ...Object.keys(all)].find((name) => !isTensor(all[name]));
  return wrong === undefined ? undefined : `${describe(all[wrong])} as ${wrong}, where a tensor is needed`;
}

/** Why `result` has no tensor `name`; what else it has may be anything. */
export function whyLacksTensor(result: unknown, name: string): string | undefined {
  const found = typeof result === 'object' && result !== null ? (result as Readonly<Record<string, unknown>>) : {};
  return isTensor(found[name]) ? undefined : `${describe(result)} without a tensor ${name}`;
}

function isTensor(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'shape' in value;
}
