import type { Tensor, Tf } from '../contracts/index.js';
import { drawn, filled, type Initialiser, identity, orthogonal, truncated, varianceScaling } from './initialisers.js';

/** An initialiser of tfjs's layers. */
interface TfInitialiser {
  apply(shape: number[], dtype?: string): Tensor;
  getClassName(): string;
  getConfig(): Readonly<Record<string, unknown>>;
}

/** Which initialiser made a tensor. */
export type Recorded = ReadonlyMap<object, Initialiser>;

/**
 * Calls `build` with tfjs's initialisers replaced: they note what they are and answer with zeros. tfjs's own draw from
 * Math.random, and its orthogonal one takes seconds for a layer of 100 units.
 */
export function recordInitialisers<Result>(
  tf: Tf,
  build: () => Result,
): { readonly result: Result; readonly recorded: Recorded } {
  const recorded = new Map<object, Initialiser>();
  const prototypes = prototypesOf(tf);
  const originals = prototypes.map((prototype) => prototype.apply);
  for (const prototype of prototypes) {
    prototype.apply = function apply(this: TfInitialiser, shape: number[]): Tensor {
      const zeros = tf.zeros(shape);
      recorded.set(zeros.dataId, keyed(this));
      return zeros;
    };
  }
  try {
    return { result: build(), recorded };
  } finally {
    prototypes.forEach((prototype, i) => {
      const original = originals[i];
      if (original !== undefined) prototype.apply = original;
    });
  }
}

/** Where the initialisers' methods stand; a subclass that has none of its own inherits. */
function prototypesOf({ initializers }: Tf): TfInitialiser[] {
  const made = [
    initializers.zeros(),
    initializers.ones(),
    initializers.constant({ value: 0 }),
    initializers.randomUniform({}),
    initializers.randomNormal({}),
    initializers.truncatedNormal({}),
    initializers.identity({}),
    initializers.varianceScaling({ mode: 'fanIn' } as never),
    initializers.orthogonal({}),
  ];
  return made.map((initialiser) => Object.getPrototypeOf(initialiser) as TfInitialiser);
}

/** The keyed initialiser of the same distribution. */
function keyed(initialiser: TfInitialiser): Initialiser {
  const config = initialiser.getConfig();
  const number = (name: string, fallback: number): number => {
    const value = config[name];
    return typeof value === 'number' ? value : fallback;
  };
  switch (initialiser.getClassName()) {
    case 'Ones':
      return filled(1);
    case 'Constant':
      return filled(number('value', 0));
    case 'RandomUniform': {
      const [low, high] = [number('minval', -0.05), number('maxval', 0.05)];
      return drawn((random) => low + random.uniform() * (high - low));
    }
    case 'RandomNormal':
      return drawn((random) => number('mean', 0) + random.normal() * number('stddev', 0.05));
    case 'TruncatedNormal':
      return drawn((random) => number('mean', 0) + truncated(random) * number('stddev', 0.05));
    case 'Identity':
      return identity(number('gain', 1));
    case 'Orthogonal':
      return orthogonal(number('gain', 1));
    case 'VarianceScaling':
      return varianceScaling(
        number('scale', 1),
        config['mode'] as 'fanIn',
        config['distribution'] === 'uniform' ? 'uniform' : 'truncatedNormal',
      );
    default:
      return filled(0);
  }
}
