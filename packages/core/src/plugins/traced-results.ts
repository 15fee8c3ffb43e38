import { describe } from './contract-members.js';

/** Why `result` is no object with a tensor of each of `names`, and tensors alone. */
export function whyNoTensors(result: unknown, names: readonly string[] = []): string | undefined {
  if (typeof result !== 'object' || result === null) return `${describe(result)}, where an object of tensors is needed`;
  const all = result as Readonly<Record<string, unknown>>;
  const wrong = [...names, ...Object.keys(all)].find((name) => !isTensor(all[name]));
  return wrong === undefined ? undefined : `${describe(all[wrong])} as ${wrong}, where a tensor is needed`;
}

/** Why `result` is no tensor of this shape, to follow "returned"; `as` names what it is. */
export function whyNoTensorOf(shape: readonly number[], result: unknown, as: string): string | undefined {
  if (!isTensor(result)) return `${describe(result)}, where a tensor is needed`;
  return whyOtherShape(shape, result as ShapedTensor, as);
}

/** Why `result` is no object with a tensor of the name and shape of each of `like`, and tensors alone. */
export function whyNoTensorsLike(like: Readonly<Record<string, ShapedTensor>>, result: unknown): string | undefined {
  const why = whyNoTensors(result, Object.keys(like));
  if (why !== undefined) return why;
  const all = result as Readonly<Record<string, ShapedTensor>>;
  for (const [name, { shape }] of Object.entries(like)) {
    const otherShape = whyOtherShape(shape, all[name] as ShapedTensor, name);
    if (otherShape !== undefined) return otherShape;
  }
  return undefined;
}

interface ShapedTensor {
  readonly shape: readonly number[];
}

function whyOtherShape(shape: readonly number[], made: ShapedTensor, as: string): string | undefined {
  if (made.shape.join() === shape.join()) return undefined;
  return `a tensor of shape [${made.shape.join(', ')}] as ${as}, where [${shape.join(', ')}] is needed`;
}

/** Why `result` has no tensor `name`; what else it has may be anything. */
export function whyLacksTensor(result: unknown, name: string): string | undefined {
  const found = typeof result === 'object' && result !== null ? (result as Readonly<Record<string, unknown>>) : {};
  return isTensor(found[name]) ? undefined : `${describe(result)} without a tensor ${name}`;
}

function isTensor(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'shape' in value;
}
