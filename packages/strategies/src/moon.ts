import { defineStrategy, FedxError, type ModelOutput, parameters as p, type Tensor, type Tf } from '@fedx/core';

/**
 * MOON, model-contrastive federated learning (Li, He and Song 2021, arXiv 2103.16257, equations 3 and 4): the features of
 * the local model shall lie near those of the global one, and far from those of the client's last local model.
 *
 *     loss = cross-entropy - mu * log(exp(s(z, z_glob) / tau) / (exp(s(z, z_glob) / tau) + exp(s(z, z_prev) / tau)))
 *
 * s is the cosine; in a client's first round, when it has no last local model, it learns from the cross-entropy alone. The model must
 * give `features`.
 */
export const moon = defineStrategy({
  name: 'moon',
  options: {
    type: 'object',
    description:
      'Local features are held near the global ones and far from the last local ones (Li, He and Song 2021).',
    additionalProperties: false,
    properties: {
      mu: { type: 'number', minimum: 0, default: 1, description: 'Weight of the contrastive loss.' },
      temperature: { type: 'number', exclusiveMinimum: 0, default: 0.5, description: 'tau: smaller is sharper.' },
    },
  },
  create: () => ({
    weights: 'examples',
    reads: 'mean',
    client: {
      init: ({ trained }) => ({ previous: trained, joined: 0 }),
      loss({ tf, loss, output, global, state, hyper, apply }) {
        const z = featuresOf(output);
        const [near, far] = [global, state.previous].map((parameters) =>
          tf.div(cosine(tf, z, featuresOf(apply(parameters))), hyper.temperature),
        ) as [Tensor, Tensor];
        // -log(e^near / (e^near + e^far)) = softplus(far - near).
        return tf.add(loss, tf.mul(tf.softplus(tf.sub(far, near)), tf.mul(hyper.mu, state.joined)));
      },
      end: ({ local, state }) => ({ state: { previous: p.pick(local, Object.keys(state.previous)), joined: 1 } }),
    },
    aggregate: ({ global, updates }) => ({ global: p.add(global, updates.mean()) }),
  }),
});

function featuresOf({ features }: ModelOutput): Tensor {
  if (features !== undefined) return features;
  throw new FedxError('FEDX_STRATEGY_UNMET', 'The strategy moon compares features, but the model gives none.', {
    hint: 'Use a model with hidden layers; one of your own returns what its last layer sees as features [batch, …].',
  });
}

/** Cosine of the angle between the rows of two batches, `[batch]`. */
function cosine(tf: Tf, a: Tensor, b: Tensor): Tensor {
  const flat = (x: Tensor) => tf.reshape(x, [x.shape[0], -1]);
  const [x, y] = [flat(a), flat(b)];
  const length = (v: Tensor) => tf.sqrt(tf.add(tf.sum(tf.square(v), 1), 1e-12));
  return tf.div(tf.sum(tf.mul(x, y), 1), tf.mul(length(x), length(y)));
}
