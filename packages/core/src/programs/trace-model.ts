import type { Graph } from '@fedx/compiler';
import type { Model, ModelShape, Parameters } from '../contracts/index.js';
import { drawsNothing } from './keyed-random.js';

/** The model in evaluation, as a graph: inputs `inputs` `[batch, ...inputShape]` and `parameter/<name>`, result `logits`. */
export async function traceModel(
  model: Model,
  { inputShape }: Pick<ModelShape, 'inputShape'>,
  parameters: Parameters,
): Promise<Graph> {
  const { traceForward } = await import('@fedx/compiler');
  return traceForward({
    inputShape,
    parameters: Object.entries(parameters).map(([name, { shape }]) => ({ name, shape })),
    apply: ({ tf, ...call }) => {
      const random = drawsNothing(tf);
      return model.apply({ ...call, tf: random.tf, mode: 'evaluate', random }).logits;
    },
  });
}
