import type { ForwardTrace } from '@fedx/compiler';
import type { Model, ModelShape, Parameters } from '../contracts/index.js';
import { translateCompileError } from '../errors/index.js';
import { drawsNothing } from './keyed-random.js';

/**
 * The model in evaluation, as a graph: inputs `inputs` `[batch, ...inputShape]` and `parameter/<name>`, result `logits`. Throws
 * FEDX_COMPILE_UNSUPPORTED_OP, FEDX_COMPILE_FAILED.
 */
export async function traceModel(
  model: Model,
  { inputShape }: Pick<ModelShape, 'inputShape'>,
  parameters: Parameters,
): Promise<ForwardTrace> {
  const { traceForward } = await import('@fedx/compiler');
  return translateCompileError(() =>
    traceForward({
      inputShape,
      parameters: Object.entries(parameters).map(([name, { shape }]) => ({ name, shape })),
      apply: ({ tf, ...call }) => {
        const random = drawsNothing(tf);
        return model.apply({ ...call, tf: random.tf, mode: 'evaluate', random }).logits;
      },
    }),
  );
}
