import type { Work } from '../../engines/index.js';
import { traceModel } from '../../programs/index.js';
import type { Experiment } from '../experiment.js';

/** What takes most of the model's time. Throws what tracing the model throws. */
export async function workOf({ model, data, initial }: Experiment): Promise<Work> {
  const { topologicalOrder } = await import('@fedx/compiler');
  const operations = topologicalOrder((await traceModel(model, data.dataset, initial)).graph);
  return operations.some(({ op }) => op === 'conv2d' || op === 'depthwiseConv2d') ? 'convolution' : 'product';
}
