import { createHash } from 'node:crypto';
import { defineDataset } from '@fedx/core';

/** Noisy rows of eight pixels, of which every fourth is brighter; which ones is the class. */
export default defineDataset({
  name: '__name__',
  options: {
    type: 'object',
    description: 'Noisy rows of eight pixels in four classes, made up on the spot.',
    additionalProperties: false,
    properties: { examples: { type: 'integer', minimum: 40, default: 4000, description: 'Number of examples.' } },
  },
  // A dataset that is downloaded goes to context.cache, and hands context.signal to fetch.
  load: async ({ examples }, { signal }) => {
    signal.throwIfAborted();
    const [classes, pixels] = [4, 8];
    const labels = Uint8Array.from({ length: examples }, (_, example) => example % classes);
    const inputs = Uint8Array.from({ length: examples * pixels }, (_, i) => {
      const noise = (i * 7919) % 151;
      return noise + ((i % pixels) % classes === labels[Math.floor(i / pixels)] ? 60 : 0);
    });
    const digest = createHash('sha256').update(inputs).update(labels).digest('hex');
    return { examples, inputShape: [pixels], inputs, scale: 1 / 255, labels, classes, digest };
  },
});
