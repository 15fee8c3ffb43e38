import type { Model, ModelShape, Parameters } from '../contracts/index.js';
import { translateCompileError } from '../errors/index.js';

/**
 * The model with its parameters as an ONNX file: input `inputs` float32 `[batch, ...inputShape]`, output `logits`. Throws
 * FEDX_COMPILE_UNSUPPORTED_OP, FEDX_COMPILE_FAILED: some hold for one batch only, or run on the eager engine alone.
 */
export async function toOnnxModel(model: Model, shape: ModelShape, parameters: Parameters): Promise<Uint8Array> {
  // Loaded here, since the door of this room is open to those who only read a model.
  const [{ forwardToOnnx }, { traceModel }] = await Promise.all([
    import('@fedx/compiler'),
    import('../programs/index.js'),
  ]);
  const forward = await traceModel(model, shape, parameters);
  return translateCompileError(() => forwardToOnnx(forward, shape.inputShape, parameters));
}
