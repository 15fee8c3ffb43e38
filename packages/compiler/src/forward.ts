import type * as tfjs from '@tensorflow/tfjs';
import type { Graph, Shape, Value } from './ir/index.js';
import type { TensorSpec } from './loop.js';
import { createRecurrence, type Recurrence } from './recurrence.js';
import { tf } from './tfjs.js';
import { trace, traceScan } from './trace/index.js';

/**
 * The IR's shapes are static; this size stands for a free batch axis. No model has an axis of it: it is a prime that
 * divides none of the sizes in use, so that every place where it shows is the batch.
 */
export const FREE_BATCH = 7919;

/** Whether a size is the batch, or a batch that is flattened with other axes. */
export function isFree(size: number): boolean {
  return size > 0 && size % FREE_BATCH === 0;
}

/** Whether the last example comes first: where that lies is known of one batch only. */
export function isReversedBatch(value: Value): boolean {
  return (
    value.op === 'stridedSlice' &&
    value.shape.some((size, axis) => isFree(size) && (value.attributes.strides[axis] ?? 1) < 0)
  );
}

/** A function from float32 inputs `[batch, ...inputShape]` and parameters to logits, for any batch. */
export interface ForwardDefinition {
  readonly inputShape: Shape;
  readonly parameters: readonly TensorSpec[];
  apply(call: {
    readonly tf: typeof tfjs;
    readonly parameters: Readonly<Record<string, tfjs.Tensor>>;
    readonly inputs: tfjs.Tensor;
    readonly recurrence: Recurrence;
  }): tfjs.Tensor;
}

/** Traces the function; inputs are named `inputs` and `parameter/<name>`, the result `logits`. Throws CompileError. */
export function traceForward({ inputShape, parameters, apply }: ForwardDefinition): Graph {
  return trace(({ builder, tensor, value }) => {
    const named = parameters.map(
      ({ name, shape }) => [name, tensor(builder.input(`parameter/${name}`, shape, 'float32'))] as const,
    );
    const inputs = tensor(builder.input('inputs', [FREE_BATCH, ...inputShape], 'float32'));
    const recurrence = createRecurrence(tf, traceScan({ builder, tensor, value }));
    return { logits: value(apply({ tf, parameters: Object.fromEntries(named), inputs, recurrence })) };
  });
}
