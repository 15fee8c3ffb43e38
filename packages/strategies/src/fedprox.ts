import { defineStrategy, parameters as p, type Scalar, type TensorMap, type Tf } from '@fedx/core';
import { mapNamed } from './tensors.js';

/** What pulls a client back: `gradient + strength * (w - w_t)`, for each parameter. */
export function proximal(
  tf: Tf,
  strength: Scalar,
  { gradient, parameters, global }: Readonly<Record<'gradient' | 'parameters' | 'global', TensorMap>>,
): TensorMap {
  return mapNamed(gradient, (g, w, start) => tf.add(g, tf.mul(tf.sub(w, start), strength)), parameters, global);
}

/**
 * FedProx (Li, Sahu, Zaheer, Sanjabi, Talwalkar and Smith 2020, arXiv 1812.06127, algorithm 2): each client minimises
 *
 *     F_k(w) + mu / 2 * |w - w_t|^2
 *
 * and the server averages, weighted by examples. With `mu: 0` it is `fedavg`, bit for bit.
 */
export const fedprox = defineStrategy({
  name: 'fedprox',
  options: {
    type: 'object',
    description: 'A proximal term holds each client near the global model (Li et al. 2020).',
    additionalProperties: false,
    properties: {
      mu: { type: 'number', minimum: 0, default: 0.01, description: 'Strength of the pull to the global model.' },
    },
  },
  create: ({ mu }) => ({
    weights: 'examples',
    reads: 'mean',
    ...(mu > 0 && { client: { gradient: ({ tf, hyper, ...call }) => proximal(tf, hyper.mu, call) } }),
    aggregate: ({ global, updates }) => ({ global: p.add(global, updates.mean()) }),
  }),
});
