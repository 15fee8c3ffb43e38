import {
  type Graph,
  type OpAttributes,
  operand,
  sameShape,
  sizeOf,
  topologicalOrder,
  type Value,
  type ValueOf,
} from '../../ir/index.js';
import type { Placement } from './patches.js';

/** Patches of more elements are not kept from the forward product to the gradient: 16 MiB. */
const LARGEST_PATCHES = 2 ** 22;

/** Rows of a gather of fewer channels are short: what would serve only once is left to ONNX, where that has an operation for it. */
export const FEWEST_CHANNELS = 8;

/** Whether the patches of a convolution, or of a gradient of a filter, are too many to be kept. */
export function isLarge(value: ValueOf<'conv2d'> | ValueOf<'conv2dFilterGradient'>): boolean {
  const isForward = value.op === 'conv2d';
  const output = isForward ? value.shape : operand(value.operands, 1).shape;
  const filter = isForward ? operand(value.operands, 1).shape : value.shape;
  return (sizeOf(output) / (output[3] ?? 1)) * (sizeOf(filter) / (filter[3] ?? 1)) > LARGEST_PATCHES;
}

/** Whether a convolution is left to ONNX's. */
export function isLeft(value: ValueOf<'conv2d'>): boolean {
  return isLarge(value) && (operand(value.operands, 0).shape[3] ?? 1) < FEWEST_CHANNELS;
}

/** All places of an output. */
export function plain({ shape: [, rows = 1, columns = 1] }: Value): Placement {
  return { rows, columns, pool: [1, 1] };
}

/**
 * In which order the outputs of convolutions are computed, and their gradients kept, that are used by nothing but a
 * pool with windows side by side and what the gradients of both need.
 */
export function findPlacements(graph: Graph): ReadonlyMap<Value, Placement> {
  const order = topologicalOrder(graph);
  const users = new Map<Value, Value[]>();
  for (const value of order) for (const o of new Set(value.operands)) users.set(o, [...(users.get(o) ?? []), value]);
  const usersOf = (value: Value): readonly Value[] => users.get(value) ?? [];
  const results = new Set(Object.values(graph));
  const found = new Map<Value, Placement>();
  for (const value of order) {
    if (value.op !== 'maxPool' || !isSideBySide(value.attributes)) continue;
    const input = operand(value.operands, 0);
    const convolved = convolutionBefore(input);
    if (convolved === undefined || isLeft(convolved)) continue;
    const gradients = usersOf(input).filter((user) => user.op === 'maxPoolGradient' && user.operands[1] === input);
    const isPrivate =
      [input, convolved, ...gradients].every((one) => !results.has(one)) &&
      usersOf(input).every((user) => user === value || gradients.includes(user)) &&
      (convolved === input || usersOf(convolved).length === 1) &&
      gradients.every((gradient) => usersOf(gradient).every((user) => takesRows(user, gradient)));
    if (!isPrivate) continue;
    const placement = { ...plain(input), pool: value.attributes.size };
    for (const one of [input, convolved, ...gradients]) found.set(one, placement);
  }
  return found;
}

function isSideBySide({ size, strides, paddings }: OpAttributes['maxPool']): boolean {
  return sameShape(size, strides) && paddings.flat().every((padding) => padding === 0);
}

/** The convolution that `value` is, or is the sum of with one number for each channel. */
function convolutionBefore(value: Value): ValueOf<'conv2d'> | undefined {
  if (value.op === 'conv2d') return value;
  if (value.op !== 'add') return undefined;
  const [a, b] = [operand(value.operands, 0), operand(value.operands, 1)];
  return a.op === 'conv2d' && b.shape.length === 1 ? a : undefined;
}

/** Whether `user` is a gradient of a convolution, to whom the order of the output's places does not matter. */
function takesRows(user: Value, gradient: Value): boolean {
  if (user.op === 'conv2dFilterGradient') return user.operands[1] === gradient && user.operands[0] !== gradient;
  return user.op === 'conv2dInputGradient' && user.operands[0] === gradient && user.operands[1] !== gradient;
}
