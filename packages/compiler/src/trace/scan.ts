import type * as tf from '@tensorflow/tfjs';
import {
  type Builder,
  createBuilder,
  rebuild,
  type ScanBody,
  scanBody,
  topologicalOrder,
  type Value,
} from '../ir/index.js';
import type { RunScan } from '../recurrence.js';

/** How a traced function gets tensors for values and values for tensors. */
interface Conversions {
  readonly builder: Builder;
  tensor(value: Value): tf.Tensor;
  value(tensor: tf.Tensor): Value;
}

/** Notes a scan: its step is traced once, whatever the length. */
export function traceScan({ builder, tensor, value }: Conversions): RunScan {
  let scans = 0;
  return (step, initial, cuts, reverse) => {
    const scope = `scan-${scans++}`;
    const state = builder.input(`${scope}/state`, value(initial).shape, 'float32');
    const ofStep = cuts.map((cut, i) => builder.input(`${scope}/cut/${i}`, value(cut).shape.slice(1), 'float32'));
    const next = value(step(tensor(state), ofStep.map(tensor)));
    const { body, outer } = closeOver(next, [state, ...ofStep]);
    return tensor(
      builder.make('scan', [value(initial), ...cuts.map(value), ...outer], {
        body,
        length: cuts[0]?.shape[0] ?? 0,
        cut: cuts.length,
        reverse,
      }),
    );
  };
}

/**
 * `next` as a graph of its own, whose inputs are `inputs` (the state and the cuts) and what it needs from outside:
 * the values that do not depend on the step, each computed once and outside of it.
 */
function closeOver(
  next: Value,
  inputs: readonly Value[],
): { readonly body: ScanBody; readonly outer: readonly Value[] } {
  const own = new Set<Value>(inputs);
  const order = topologicalOrder({ next });
  for (const value of order) if (value.operands.some((operand) => own.has(operand))) own.add(value);
  const builder = createBuilder();
  const outer: Value[] = [];
  const inside = new Map<Value, Value>(
    inputs.map((input, i) => [input, builder.input(i === 0 ? 'state' : `cut/${i - 1}`, input.shape, input.dtype)]),
  );
  const enter = (value: Value): Value => {
    const known = inside.get(value);
    if (known !== undefined) return known;
    const made =
      value.op === 'constant'
        ? rebuild(value, [], builder)
        : builder.input(`outer/${outer.push(value) - 1}`, value.shape, value.dtype);
    inside.set(value, made);
    return made;
  };
  for (const value of order) {
    if (own.has(value) && !inside.has(value)) inside.set(value, rebuild(value, value.operands.map(enter), builder));
  }
  return { body: scanBody({ state: enter(next) }), outer };
}
