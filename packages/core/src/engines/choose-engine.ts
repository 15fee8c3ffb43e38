import type { Engine } from './engine.js';
import { findBinding, mayUseGpu, notFound, type TensorflowBinding, unavailable } from './tensorflow/find-binding.js';
import { deviceOf, probeBinding, type TensorflowDescription } from './tensorflow/probe.js';

/** The engine of a run. */
export type ChosenEngine =
  | { readonly name: 'onnx' | 'eager' }
  | { readonly name: 'tensorflow'; readonly binding: TensorflowBinding; readonly description: TensorflowDescription };

/**
 * What takes most of a model's time: products of matrices, which convolutions become, or windows that none are made of: convolutions
 * of single channels, with dilations, and most of them with strides, and maxima of windows that overlap.
 */
export type Work = 'products' | 'windows';

/** Where TensorFlow would run; undefined where there is no binding that loads. */
export type TensorflowDevice = 'CPU' | 'GPU' | undefined;

/** Time of a step on TensorFlow over that on ONNX Runtime, one thread each: the median of those that docs/benchmarks.md has. */
const tensorflowOverOnnx: Readonly<Record<Work, number>> = { products: 1.2, windows: 0.48 };

/**
 * What `engine: { use: auto }` means: TensorFlow on a GPU, else what is faster with such a model by the table above. By
 * capability only and never by timing, since engines differ in their bits: all arms of a run and all points of a sweep
 * get the same engine.
 */
export function automaticEngine(device: TensorflowDevice, work: Work): 'onnx' | 'tensorflow' {
  if (device === undefined) return 'onnx';
  return device === 'GPU' || tensorflowOverOnnx[work] < 1 ? 'tensorflow' : 'onnx';
}

/**
 * The engine that a spec's `engine.use` means on this machine; `workOf` is asked only where it matters. Throws
 * FEDX_ENGINE_UNAVAILABLE where TensorFlow is asked for and not there, or does not load: nothing else takes its place.
 */
export async function chooseEngine(use: 'auto' | Engine['name'], workOf: () => Promise<Work>): Promise<ChosenEngine> {
  if (use === 'onnx' || use === 'eager') return { name: use };
  if (use === 'tensorflow') {
    const binding = findBinding();
    if (binding === undefined) throw unavailable(`TensorFlow is not set up here: ${notFound()}.`);
    return { name: 'tensorflow', binding, description: await probeBinding(binding) };
  }
  // One that cannot be found or does not load is none; `fedx doctor` says why.
  const binding = orNone(findBinding);
  if (binding === undefined) return { name: 'onnx' };
  // To load TensorFlow takes half a second: not where only a GPU could make it the choice.
  if (!mayUseGpu(binding) && automaticEngine('CPU', await workOf()) === 'onnx') return { name: 'onnx' };
  const description = await probeBinding(binding).catch(() => undefined);
  if (description === undefined) return { name: 'onnx' };
  const name = automaticEngine(deviceOf(description), await workOf());
  return name === 'onnx' ? { name } : { name, binding, description };
}

function orNone<Found>(find: () => Found): Found | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/** `2.21.0 from fedx setup tensorflow on CPU`: what computes, for those who compare runs. */
export function describeTensorflow({
  binding,
  description,
}: Pick<Extract<ChosenEngine, { name: 'tensorflow' }>, 'binding' | 'description'>): string {
  return `${description.version} from ${binding.source} on ${deviceOf(description)}`;
}
