import { type Builder, createBuilder } from './builder.js';
import { findOrder, rebuild, SHOWN_ELEMENTS, scanBody } from './graph.js';
import { type ScanBody, sizeOf, type Value } from './value.js';

export interface ScanOperands {
  readonly initial: Value;
  /** `[length, …]`. */
  readonly cuts: readonly Value[];
  /** From the last cut to the first. Default: false. */
  readonly reverse?: boolean;
}

/** How many scans each builder has made: what stands for the state and the cuts of one is told apart from that of others. */
const made = new WeakMap<Builder, number>();

/** A scan whose step `next` makes, of values for the state and the cuts, and of any others: these are the same in all steps. */
export function makeScan(
  builder: Builder,
  { initial, cuts, reverse = false }: ScanOperands,
  next: (state: Value, cuts: readonly Value[]) => Value,
): Value {
  const number = made.get(builder) ?? 0;
  made.set(builder, number + 1);
  const own = (name: string, shape: readonly number[], { dtype }: Value): Value =>
    builder.input(`scan-${number}/${name}`, shape, dtype);
  const state = own('state', initial.shape, initial);
  const ofStep = cuts.map((cut, i) => own(`cut/${i}`, cut.shape.slice(1), cut));
  const { body, outer } = closeOver(next(state, ofStep), [state, ...ofStep]);
  return builder.make('scan', [initial, ...cuts, ...outer], {
    body,
    length: cuts[0]?.shape[0] ?? 0,
    cut: cuts.length,
    reverse,
  });
}

/**
 * `next` as a graph of its own, whose inputs are `inputs` (the state and the cuts) and what it needs from outside:
 * the values that do not depend on the step, each computed once and outside of it. Of constants it has its own only where its
 * text shows them whole, by which bodies are told apart.
 */
function closeOver(
  next: Value,
  inputs: readonly Value[],
): { readonly body: ScanBody; readonly outer: readonly Value[] } {
  const own = new Set<Value>(inputs);
  // What was there before the inputs cannot depend on them.
  const first = Math.min(...inputs.map(({ id }) => id));
  const order = findOrder({ next }, ({ id }) => id >= first);
  const builder = createBuilder();
  const outer: Value[] = [];
  const inside = new Map<Value, Value>(
    inputs.map((input, i) => [input, builder.input(i === 0 ? 'state' : `cut/${i - 1}`, input.shape, input.dtype)]),
  );
  const enter = (value: Value): Value => {
    const known = inside.get(value);
    if (known !== undefined) return known;
    const entered =
      value.op === 'constant' && sizeOf(value.shape) <= SHOWN_ELEMENTS
        ? rebuild(value, [], builder)
        : builder.input(`outer/${outer.push(value) - 1}`, value.shape, value.dtype);
    inside.set(value, entered);
    return entered;
  };
  for (const value of order) {
    if (!value.operands.some((operand) => own.has(operand))) continue;
    own.add(value);
    inside.set(value, rebuild(value, value.operands.map(enter), builder));
  }
  return { body: scanBody({ state: enter(next) }), outer };
}
