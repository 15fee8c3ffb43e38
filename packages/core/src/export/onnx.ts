import type { Model, ModelShape, Parameters } from '../contracts/index.js';

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
    apply: (call) => model.apply({ ...call, mode: 'evaluate' }).logits,
  });
  return forwardToOnnx(forward, inputShape, parameters);
}
