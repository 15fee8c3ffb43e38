import type { Parameters, TensorMap, Tf } from '../../contracts/index.js';

/** Parameters as tfjs tensors. */
export function toTensors(tf: Tf, parameters: Parameters): TensorMap {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
  );
}

/** The values of tfjs tensors, as float32. */
export function readTensors(tensors: TensorMap): Parameters {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) },
    ]),
  );
}
