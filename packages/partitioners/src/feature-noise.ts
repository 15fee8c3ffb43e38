import { definePartitioner, FedxError, type Partition, type PartitionerSlot, type Random } from '@fedx/core';
import { innerSlot } from './inner-slot.js';
import { skewFurther } from './skew-further.js';

/**
 * Clients whose inputs are noisy to different degrees: noise-based feature imbalance of Li, Diao, Chen and He 2022
 * (NIID-Bench, arXiv 2102.02079, section IV-B). Client k of N adds to every input of its examples independent Gaussian
 * noise of mean 0 and standard deviation sigma * k / (N - 1): client 0 none, the last client sigma, in the units that
 * the model sees. So does their code; the paper writes sigma * i / N and calls it a variance.
 *
 * Who has which examples is up to `of`, such as iid; where `of` changes inputs as well, it does so first, and a noise in
 * it is independent of this one. `holdouts: noisy` (default) treats a client's test and validation examples like those
 * that it trains on; `clean` leaves them alone. Noise belongs to the example and the partition seed, and is drawn once
 * for the whole run. Inputs become float32.
 *
 * NIID-Bench tests on noisy data, so `noisy` is the nearer. Two differences stay: it goes through the whole test set
 * once for every client's noise (`experiments.py`), and draws noise anew whenever it reads an example (`utils.py`).
 *
 * Throws what `of` throws, and FEDX_PARTITION_IMPOSSIBLE for a single client, which would have no noise.
 */
export const featureNoise = definePartitioner({
  name: 'feature-noise',
  options: {
    type: 'object',
    description: 'Another partition whose clients have inputs noisy to different degrees (Li et al. 2022).',
    additionalProperties: false,
    required: ['of', 'sigma'],
    properties: {
      of: innerSlot,
      sigma: { type: 'number', minimum: 0, description: 'Standard deviation of the last client’s noise.' },
      holdouts: {
        type: 'string',
        enum: ['noisy', 'clean'],
        default: 'noisy',
        description: 'Whether test and validation examples are as noisy as their client’s.',
      },
    },
  },
  partition({ of, sigma, holdouts }, { labels, random, partition }) {
    const spread = partition(of, { labels, random });
    const clients = clientsIn(spread);
    if (clients === 1 && sigma > 0)
      throw new FedxError(
        'FEDX_PARTITION_IMPOSSIBLE',
        'feature-noise rises from none of the first client to sigma of the last, but there is only one client.',
        {
          hint: 'Ask for more clients in partition.of, or leave feature-noise out.',
        },
      );
    const noise = noiseStream(random, of);
    return skewFurther(spread, ({ values, client, example, use }) => {
      const deviation = client === 0 ? 0 : (sigma * client) / (clients - 1);
      if (deviation === 0 || (holdouts === 'clean' && use !== 'train')) return;
      const { normal } = noise.at(example);
      for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) + deviation * normal();
    });
  },
});

function clientsIn(partition: Partition): number {
  if ('split' in partition) return partition.split.clients.length;
  return 'quotas' in partition ? partition.quotas.length : partition.examples.length;
}

/** The stream of the noise over `slot`: below that of a noise in `slot`, which gets the same `random`. */
function noiseStream(random: Random, { use, of }: PartitionerSlot): Random {
  if (!isSlot(of)) return random.at('noise');
  const inner = noiseStream(random, of);
  return use === 'feature-noise' ? inner.at('noise') : inner;
}

function isSlot(option: unknown): option is PartitionerSlot {
  return typeof option === 'object' && option !== null && 'use' in option;
}
