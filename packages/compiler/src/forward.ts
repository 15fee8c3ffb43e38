import type * as tfjs from '@tensorflow/tfjs';
import type { Graph, Shape } from './ir/index.js';
import type { TensorSpec } from './loop.js';
import { createRecurrence, type Recurrence } from './recurrence.js';
import { tf } from './tfjs.js';
import { trace, traceScan } from './trace/index.js';

/**
 * The IR's shapes are static; each of these sizes stands for a free batch axis once. What differs between the graphs, and only
 * that, follows from the batch. Two primes that divide no size in use tell how, and the small ones whether it does so throughout:
 * a remainder, a minimum or a square agrees with no line through the first two. A batch of one is none of them: `x.squeeze()`,
 * meant for another axis, would take that of the batch as well, and the exported file is right there where the model is not.
 */
export const STAND_INS = [7919, 7907, 2, 3, 6] as const;

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

/** A function as a graph whose inputs are named `inputs` and `parameter/<name>`, and whose result is `logits`. */
export interface ForwardTrace {
  /** With the first of {@link STAND_INS} for the batch. */
  readonly graph: Graph;
  /** With the others, in their order. Throws CompileError. */
  others(): readonly Graph[];
}

/** Traces the function. Throws CompileError. */
export function traceForward({ inputShape, parameters, apply }: ForwardDefinition): ForwardTrace {
  const withBatch = (batch: number): Graph =>
    trace(({ builder, tensor, value }) => {
      const named = parameters.map(
        ({ name, shape }) => [name, tensor(builder.input(`parameter/${name}`, shape, 'float32'))] as const,
      );
      const inputs = tensor(builder.input('inputs', [batch, ...inputShape], 'float32'));
      const recurrence = createRecurrence(tf, traceScan({ builder, tensor, value }));
      return { logits: value(apply({ tf, parameters: Object.fromEntries(named), inputs, recurrence })) };
    });
  const [first, ...others] = STAND_INS;
  return { graph: withBatch(first), others: () => others.map(withBatch) };
}
