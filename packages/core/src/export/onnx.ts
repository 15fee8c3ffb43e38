import type { Model, ModelShape, Parameters } from '../contracts/index.js';

/** The model with its parameters as an ONNX file: input `inputs` float32 `[batch, ...inputShape]`, output `logits`. */
export async function toOnnxModel(
  model: Model,
  { inputShape }: ModelShape,
  parameters: Parameters,
): Promise<Uint8Array> {
  // Loaded here, since the door of this room is open to those who only read a model.
  const [{ forwardToOnnx, traceForward }, { drawsNothing }] = await Promise.all([
    import('@fedx/compiler'),
    import('../programs/index.js'),
  ]);
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
