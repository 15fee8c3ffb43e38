import type { Value } from '@fedx/compiler';
import type { Model, ModelShape, Parameters } from '../../contracts/index.js';
import type { Work } from '../../engines/index.js';
import { traceModel } from '../../programs/index.js';

/** What takes most of the model's time. Throws what tracing the model throws. */
export async function workOf(
  model: Model,
  shape: Pick<ModelShape, 'inputShape'>,
  parameters: Parameters,
): Promise<Work> {
  const { topologicalOrder } = await import('@fedx/compiler');
  const operations = topologicalOrder((await traceModel(model, shape, parameters)).graph);
  if (operations.some(isWindows)) return 'windows';
  const [strided, all] = [operations.filter(isStrided), operations].map((list) =>
    list.reduce((sum, value) => sum + multiplications(value), 0),
  );
  return (strided ?? 0) > (all ?? 0) / 2 ? 'windows' : 'products';
}

/** Operations that the engine ONNX makes no products of, or whose gradient it scatters. */
function isWindows(value: Value): boolean {
  switch (value.op) {
    case 'depthwiseConv2d':
      return true;
    case 'conv2d':
      return value.attributes.dilations.some((dilation) => dilation > 1);
    case 'maxPool': {
      const { size, strides } = value.attributes;
      return strides.some((stride, axis) => stride < (size[axis] ?? 1));
    }
    default:
      return false;
  }
}

function isStrided(value: Value): boolean {
  return value.op === 'conv2d' && value.attributes.strides.some((stride) => stride > 1);
}

/** Of a convolution; 0 of other operations. */
function multiplications({ op, shape, operands }: Value): number {
  if (op !== 'conv2d') return 0;
  const size = (axes: readonly number[]): number => axes.reduce((product, axis) => product * axis, 1);
  return size(shape) * size(operands[1]?.shape.slice(0, 3) ?? []);
}
