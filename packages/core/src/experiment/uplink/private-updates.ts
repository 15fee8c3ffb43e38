import type { Parameters, ParameterTensor, Update, Updates } from '../../contracts/index.js';
import { weightedMean, zerosLike } from '../../parameters/index.js';
import type { Random } from '../../random/index.js';
import { unmet } from './privacy.js';
import { numbersOf } from './sent.js';

export interface NoisySum {
  /** Standard deviation of the noise on each value of the sum. */
  readonly deviation: number;
  /** What the sum is divided by. */
  readonly denominator: number;
  /** This round's stream. */
  readonly random: Random;
}

/**
 * The updates of a round as a server may see them that is trusted with nothing but their noisy sum (McMahan, Ramage, Talwar
 * and Zhang 2018, algorithm 1): `mean` divides the sum, each value of which got its noise once, by a number that no
 * client's presence changes, and which is their `length`. What else a strategy could ask for is refused by FEDX_PRIVACY_UNMET.
 */
export function noisyUpdates(received: readonly Update[], { deviation, denominator, random }: NoisySum): Updates {
  const updates = received.toSorted((a, b) => a.client - b.client);
  const numbers = updates.map(numbersOf);
  /** Of each number its name, known by where it lies. */
  const names = new Map(numbers.flatMap((one) => Object.entries(one).map(([name, { data }]) => [data, name] as const)));
  const noises = new Map<string, Float32Array>();

  /** Drawn once, so that asking twice tells no more. */
  function noiseOf(name: string, length: number): Float32Array {
    const known = noises.get(name);
    if (known !== undefined) return known;
    const stream = random.at(name);
    const drawn = new Float32Array(length);
    for (let i = 0; i < length; i++) drawn[i] = deviation * stream.normal();
    noises.set(name, drawn);
    return drawn;
  }

  function noisy({ shape, data }: ParameterTensor, name: string): ParameterTensor {
    const noise = noiseOf(name, data.length);
    const sum = new Float32Array(data.length);
    for (let i = 0; i < sum.length; i++) sum[i] = ((data[i] ?? 0) * updates.length + (noise[i] ?? 0)) / denominator;
    return { shape, data: sum };
  }

  return {
    length: denominator,
    weightOf: () => 1,
    [Symbol.iterator]() {
      throw unmet('the strategy looks at single updates', 'Use a strategy that only takes their mean, such as fedavg.');
    },
    mean(pick = ({ delta }) => delta, weight = () => 1) {
      const picked = updates.map(pick);
      const weights = updates.map(weight);
      if (weights.some((one) => one !== weights[0]))
        throw unmet('the strategy weighs updates differently', 'Use a strategy that takes their plain mean.');
      const [first = {}] = picked;
      const named = Object.entries(first).map(([key, { data }]) => [key, names.get(data)] as const);
      for (const one of picked) {
        if (named.every(([key, name]) => name !== undefined && names.get(one[key]?.data ?? empty) === name)) continue;
        throw unmet(
          'the strategy changes updates before it takes their mean',
          'Use a strategy that takes the mean of what clients send.',
        );
      }
      const mean = picked.length === 0 ? zerosLike(first) : weightedMean(picked, weights);
      return Object.fromEntries(
        named.map(([key, name]) => [key, noisy(mean[key] ?? { shape: [], data: empty }, name ?? key)]),
      ) satisfies Parameters;
    },
  };
}

const empty = new Float32Array();
