import { describe } from './contract-members.js';

/** Why `result` is no object with a tensor of each of `names`, and tensors alone. */
export function whyNoTensors(result: unknown, names: readonly string[] = []): string | undefined {
  if (typeof result !== 'object' || result === null) return `${describe(result)}, where an object of tensors is needed`;
  const all = result as Readonly<Record<string, unknown>>;
  const wrong = [...names, ...Object.keys(all)].find((name) => !isTensor(all[name]));
  return wrong === undefined ? undefined : `${describe(all[wrong])} as ${wrong}, where a tensor is needed`;
}

/** Why `result` is no float32 tensor of this shape, to follow "returned"; `as` names what it is. */
export function whyNoTensorOf(shape: readonly number[], result: unknown, as: string): string | undefined {
  if (!isTensor(result)) return `${describe(result)}, where a tensor is needed`;
  return whyOther(shape, result as ShapedTensor, as);
}

/** Why `result` is no object with a float32 tensor of the name and shape of each of `like`, and tensors alone. */
export function whyNoTensorsLike(like: Readonly<Record<string, ShapedTensor>>, result: unknown): string | undefined {
  const why = whyNoTensors(result, Object.keys(like));
  if (why !== undefined) return why;
  const all = result as Readonly<Record<string, ShapedTensor>>;
  for (const [name, { shape }] of Object.entries(like)) {
    const other = whyOther(shape, all[name] as ShapedTensor, name);
    if (other !== undefined) return other;
  }
  return undefined;
}

interface ShapedTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
}

function whyOther(shape: readonly number[], made: ShapedTensor, as: string): string | undefined {
  if (made.shape.join() !== shape.join())
    return `a tensor of shape [${made.shape.join(', ')}] as ${as}, where [${shape.join(', ')}] is needed`;
  return made.dtype === 'float32' ? undefined : `a tensor of ${made.dtype} as ${as}, where float32 is needed`;
}

/** Why `output` is not what a model gives for data of so many classes; `statistics` are the names of those that it has. */
export function whyNoModelOutput(
  output: unknown,
  { classes, statistics = [] }: { readonly classes: number; readonly statistics?: readonly string[] | undefined },
): string | undefined {
  const { logits, features, penalty, statistics: measured = {}, ...others } = membersOf(output);
  if (!isTensor(logits)) return `${describe(output)} without a tensor logits`;
  const { shape, dtype } = logits as ShapedTensor;
  if (shape.length !== 2 || shape[1] !== classes)
    return `a tensor of shape [${shape.join(', ')}] as logits, where [batch, ${classes}] is needed: the dataset has ${classes} classes`;
  if (dtype !== 'float32') return `a tensor of ${dtype} as logits, where float32 is needed`;
  if (features !== undefined && !isTensor(features))
    return `${describe(features)} as features, where a tensor is needed`;
  return (
    (penalty === undefined ? undefined : whyNoTensorOf([], penalty, 'penalty')) ??
    whyNoTensors(measured) ??
    whyUnknown(Object.keys(membersOf(measured)), statistics, 'the statistic') ??
    whyUnknown(Object.keys(others), ['logits', 'features', 'penalty', 'statistics'], 'a member')
  );
}

/** Why `updated` is not what an optimizer makes of a parameter and its slots. */
export function whyNoUpdate(
  updated: unknown,
  { parameter, slots }: { readonly parameter: ShapedTensor; readonly slots: Readonly<Record<string, ShapedTensor>> },
): string | undefined {
  const { parameter: next, slots: kept = {}, ...others } = membersOf(updated);
  if (!isTensor(next)) return `${describe(updated)} without a tensor parameter`;
  return (
    whyNoTensorOf(parameter.shape, next, 'parameter') ??
    whyNoTensorsLike(slots, kept) ??
    whyUnknown(Object.keys(membersOf(kept)), Object.keys(slots), 'the slot') ??
    whyUnknown(Object.keys(others), ['parameter', 'slots'], 'a member')
  );
}

/** Why `names` are not all known; `what` one of them is. */
function whyUnknown(names: readonly string[], known: readonly string[], what: string): string | undefined {
  const name = names.find((each) => !known.includes(each));
  if (name === undefined) return undefined;
  const there = known.length === 0 ? 'there are none' : `known are ${known.join(', ')}`;
  return `${what} ${name}, which nothing looks at; ${there}`;
}

function membersOf(result: unknown): Readonly<Record<string, unknown>> {
  return typeof result === 'object' && result !== null ? (result as Readonly<Record<string, unknown>>) : {};
}

function isTensor(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'shape' in value;
}
