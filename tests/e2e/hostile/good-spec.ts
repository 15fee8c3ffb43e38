/** A spec to refuse. */
export interface HostileSpec {
  /** What is wrong with it. */
  readonly what: string;
  readonly text: string;
  readonly overrides?: readonly string[];
  /** Other files beside it. */
  readonly files?: Readonly<Record<string, string>>;
}

const control = {
  use: 'centralized',
  name: 'union',
  epochs: 3,
  client: { epochs: 2, batchSize: 64, optimizer: { use: 'sgd', learningRate: 0.1 } },
};

/** A good spec with every key. */
export const good = {
  apiVersion: 'fedx/v1',
  name: 'good',
  seed: 2023,
  seeds: { data: 1, partition: 2, init: 3, cohort: 4, batches: 5 },
  plugins: [],
  dataset: { use: 'mnist', split: 'pooled' },
  partition: { use: 'dominant-label', clients: 10, dominantShare: 0.55 },
  holdout: { test: 0.2, validation: 0.1 },
  model: { use: 'mlp', hidden: [8], activation: 'relu' },
  client: {
    epochs: 1,
    batchSize: 32,
    lastBatch: 'keep',
    optimizer: { use: 'sgd', learningRate: 0.05 },
    optimizerState: 'reset',
  },
  strategy: { use: 'fedavg' },
  server: { rounds: 3, cohort: { use: 'all' } },
  controls: [control],
  evaluate: { every: 1 },
  engine: { use: 'auto' },
  executor: { use: 'worker-pool', workers: 2 },
  expect: [{ arm: 'federated', metric: 'test/accuracy', at: 'last', within: [0, 1] }],
};

export const text = JSON.stringify(good, null, 1);
/** {@link good} with more top-level YAML. */
export const plus = (more: string): string => `${text.slice(0, -2)},\n${more}\n}`;
export const block = (more: string): string => `apiVersion: fedx/v1\n${more}\n`;
/** As much as a spec may hold, nearly. */
export const large = 260_000;
