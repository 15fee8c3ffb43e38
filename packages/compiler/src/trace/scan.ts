import type * as tf from '@tensorflow/tfjs';
import { type Builder, makeScan, type Value } from '../ir/index.js';
import type { RunScan } from '../recurrence.js';

/** How a traced function gets tensors for values and values for tensors. */
interface Conversions {
  readonly builder: Builder;
  tensor(value: Value): tf.Tensor;
  value(tensor: tf.Tensor): Value;
}

/** Notes a scan: its step is traced once, whatever the length. */
export function traceScan({ builder, tensor, value }: Conversions): RunScan {
  return (step, initial, cuts, reverse) => {
    const operands = { initial: value(initial), cuts: cuts.map(value), reverse };
    return tensor(makeScan(builder, operands, (state, ofStep) => value(step(tensor(state), ofStep.map(tensor)))));
  };
}
