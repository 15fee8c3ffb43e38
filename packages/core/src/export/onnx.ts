import type { Model, ModelShape, Parameters } from '../contracts/index.js';
import { drawsNothing } from '../programs/index.js';

/** The model with its parameters as an ONNX file: input `inputs` float32 `[batch, ...inputShape]`, output `logits`. */
export async function toOnnxModel(
  model: Model,
  { inputShape }: ModelShape,
  parameters: Parameters,
): Promise<Uint8Array> {
  const { forwardToOnnx, traceForward } = await import('@fedx/compiler');
  const forward = traceForward({
    inputShape,
    parameters: Object.entries(parameters).map(([name, { shape }]) => ({ name, shape })),
    apply: ({ tf, ...call }) => {
      const random = drawsNothing(tf);
      return model.apply({ ...call, tf: random.tf, mode: 'evaluate', random }).logits;
    },
  });
  return forwardToOnnx(forward, inputShape, parameters);
}
