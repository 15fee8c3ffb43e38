import type { ModelCall, Parameters, TensorMap, Tf } from '../../contracts/index.js';
import { readTensors, toTensors } from './tensors.js';

/** A pure tfjs function of named tensors. */
export type TensorFunction = (tf: Tf, inputs: TensorMap, recurrence: ModelCall['recurrence']) => TensorMap;

/** Calls `f` once as plain tfjs on its JavaScript backend and reads what it returns. */
export async function evaluateEagerly(f: TensorFunction, inputs: Parameters): Promise<Parameters> {
  const { createRecurrence, eagerScan, registerGradients, tf } = await import('@fedx/compiler');
  registerGradients();
  await tf.setBackend('cpu');
  tf.engine().startScope();
  try {
    return readTensors(f(tf, toTensors(tf, inputs), createRecurrence(tf, eagerScan(tf))));
  } finally {
    tf.engine().endScope();
  }
}
