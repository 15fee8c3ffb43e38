import { createHash } from 'node:crypto';
import { type Dataset, defineDataset, type Random } from '@fedx/core';

interface SyntheticOptions {
  readonly alpha: number;
  readonly beta: number;
  readonly clients: number;
  readonly features: number;
  readonly classes: number;
  readonly iid: boolean;
}

/**
 * Synthetic(alpha, beta) of Li, Sahu, Zaheer, Sanjabi, Talwalkar and Smith 2020 (FedProx, arXiv 1812.06127, section
 * 5.1 and appendix C.1), after Shamir et al. 2014. Client k has its own model and its own inputs:
 *
 * - labels y = argmax(W_k x + b_k), every entry of W_k and b_k from N(u_k, 1), u_k from N(0, alpha): how much the models
 *   of clients differ;
 * - inputs x from N(v_k, Sigma), Sigma diagonal with the entries j^-1.2, every entry of v_k from N(B_k, 1), B_k from
 *   N(0, beta): how much their data differ;
 * - floor(lognormal(4, 2)) + 50 examples (of a client, a power law in the paper's words).
 *
 * With `iid` all clients share one model, of entries from N(0, 1), and v_k is B_k everywhere, which the paper's
 * Synthetic-IID takes at 0, 0. As in the authors' generator, whose published data this follows, alpha and beta are
 * standard deviations; in the paper they read as variances, which is the same at 0 and 1.
 *
 * Clients are the dataset's groups: split it with `by-column`. The data depends on its options alone, `seed` being one.
 */
export const synthetic = defineDataset({
  name: 'synthetic',
  options: {
    type: 'object',
    description: 'Synthetic(alpha, beta): clients with their own models and inputs (Li et al. 2020, FedProx).',
    additionalProperties: false,
    properties: {
      alpha: { type: 'number', minimum: 0, default: 1, description: 'How much the models of clients differ.' },
      beta: { type: 'number', minimum: 0, default: 1, description: 'How much the inputs of clients differ.' },
      clients: { type: 'integer', minimum: 1, maximum: 100_000, default: 30, description: 'Number of clients.' },
      features: { type: 'integer', minimum: 1, maximum: 10_000, default: 60, description: 'Length of an input.' },
      classes: { type: 'integer', minimum: 2, maximum: 256, default: 10, description: 'Number of classes.' },
      iid: { type: 'boolean', default: false, description: 'Whether all clients share one model.' },
      seed: { type: 'integer', minimum: 0, default: 0, description: 'Another seed, another dataset.' },
    },
  },
  load: async ({ seed, ...options }, { random, signal }) => {
    signal.throwIfAborted();
    return synthesise(options, random.at(seed));
  },
});

/** The draws, in the order of the authors' generator; classes and features are rows and columns of W_k transposed. */
function synthesise(options: SyntheticOptions, random: Random): Dataset {
  const { alpha, beta, clients, features, classes, iid } = options;
  const { normal } = random;
  const list = (length: number, draw: () => number): Float64Array => Float64Array.from({ length }, draw);
  const sizes = Array.from({ length: clients }, () => Math.floor(Math.exp(4 + 2 * normal())) + 50);
  const modelMeans = list(clients, () => alpha * normal());
  const inputMeans = list(clients, () => beta * normal());
  const spread = Float64Array.from({ length: features }, (_, j) => Math.sqrt((j + 1) ** -1.2));
  const centres = Array.from(inputMeans, (mean) => list(features, () => (iid ? mean : mean + normal())));
  const shared = iid ? drawModel(0, options, normal) : undefined;

  const examples = sizes.reduce((sum, size) => sum + size, 0);
  const inputs = new Float32Array(examples * features);
  const labels = new Uint8Array(examples);
  const groups = new Uint32Array(examples);
  let example = 0;
  for (const [client, size] of sizes.entries()) {
    const model = shared ?? drawModel(modelMeans[client] ?? 0, options, normal);
    const centre = centres[client] ?? new Float64Array();
    for (let i = 0; i < size; i++) {
      const input = inputs.subarray(example * features, (example + 1) * features);
      for (let j = 0; j < features; j++) input[j] = (centre[j] ?? 0) + (spread[j] ?? 0) * normal();
      labels[example] = classify(input, model, classes);
      groups[example] = client;
      example += 1;
    }
  }
  const content = [options.alpha, beta, clients, features, classes, iid, random.key];
  return {
    examples,
    inputShape: [features],
    inputs,
    scale: 1,
    labels,
    classes,
    groups: { of: groups, names: sizes.map((_, client) => `client-${client}`) },
    digest: createHash('sha256')
      .update(`synthetic ${JSON.stringify(content)}`)
      .update(inputs)
      .update(labels)
      .digest('hex'),
  };
}

interface LinearModel {
  /** `[features, classes]`. */
  readonly weights: Float64Array;
  /** `[classes]`. */
  readonly bias: Float64Array;
}

function drawModel(
  mean: number,
  { features, classes }: Pick<SyntheticOptions, 'features' | 'classes'>,
  normal: () => number,
): LinearModel {
  return {
    weights: Float64Array.from({ length: features * classes }, () => mean + normal()),
    bias: Float64Array.from({ length: classes }, () => mean + normal()),
  };
}

/** The class of the largest logit. */
function classify(input: Float32Array, { weights, bias }: LinearModel, classes: number): number {
  const logits = Float64Array.from(bias);
  for (let j = 0; j < input.length; j++) {
    const value = input[j] ?? 0;
    for (let label = 0; label < classes; label++)
      logits[label] = (logits[label] ?? 0) + value * (weights[j * classes + label] ?? 0);
  }
  let best = 0;
  for (let label = 1; label < classes; label++) if ((logits[label] ?? 0) > (logits[best] ?? 0)) best = label;
  return best;
}
