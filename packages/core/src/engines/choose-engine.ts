import type { Engine } from './engine.js';
import { findBinding, notFound, type TensorflowBinding, unavailable } from './tensorflow/find-binding.js';
import { probeBinding, type TensorflowDescription } from './tensorflow/probe.js';

/** The engine of a run. */
export type ChosenEngine =
  | { readonly name: 'onnx' | 'eager' }
  | { readonly name: 'tensorflow'; readonly binding: TensorflowBinding; readonly description: TensorflowDescription };

/** What a machine can do, as far as the choice depends on it. */
export interface Capabilities {
  /** Where TensorFlow would run; absent where there is no binding that loads. */
  readonly tensorflow?: 'CPU' | 'GPU';
}

/**
 * What `engine: { use: auto }` means: TensorFlow on a GPU, else ONNX. By capability only and never by timing, since
 * engines differ in their bits: all arms of a run and all points of a sweep get the same engine.
 */
export function automaticEngine({ tensorflow }: Capabilities): 'onnx' | 'tensorflow' {
  return tensorflow === 'GPU' ? 'tensorflow' : 'onnx';
}

/**
 * The engine that a spec's `engine.use` means on this machine. Throws FEDX_ENGINE_UNAVAILABLE where TensorFlow is asked
 * for and not there, or does not load: nothing else takes its place.
 */
export async function chooseEngine(use: 'auto' | Engine['name']): Promise<ChosenEngine> {
  if (use === 'onnx' || use === 'eager') return { name: use };
  const binding = findBinding();
  if (use === 'tensorflow') {
    if (binding === undefined) throw unavailable(`TensorFlow is not set up here: ${notFound()}.`);
    return { name: 'tensorflow', binding, description: await probeBinding(binding) };
  }
  // One that does not load is none; `fedx doctor` says why.
  const description = binding && (await probeBinding(binding).catch(() => undefined));
  if (binding === undefined || description === undefined) return { name: 'onnx' };
  const device = description.devices.includes('GPU') ? 'GPU' : 'CPU';
  return automaticEngine({ tensorflow: device }) === 'onnx'
    ? { name: 'onnx' }
    : { name: 'tensorflow', binding, description };
}

/** `2.21.0 from fedx setup tensorflow on CPU`: what computes, for those who compare runs. */
export function describeTensorflow({
  binding,
  description,
}: Pick<Extract<ChosenEngine, { name: 'tensorflow' }>, 'binding' | 'description'>): string {
  return `${description.version} from ${binding.source} on ${description.devices.at(-1) ?? 'CPU'}`;
}
