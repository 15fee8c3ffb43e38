import {
  defineTransform,
  type Parameters,
  type ParameterTensor,
  parameters as p,
  type TransformCall,
} from '@fedx/core';

/** Bytes of an entry: its value and its place. */
const ENTRY_BYTES = 8;

/** `a` with all but its `keep` values of largest magnitude set to zero; of equal ones the first are kept. */
function largest(a: Parameters, keep: number): Parameters {
  const tensors = Object.entries(a);
  const magnitudes = new Float32Array(p.count(a));
  let at = 0;
  for (const [, { data }] of tensors) {
    for (let i = 0; i < data.length; i++) magnitudes[at++] = Math.abs(data[i] ?? 0);
  }
  const sorted = magnitudes.slice().sort();
  const threshold = sorted[sorted.length - keep] ?? 0;
  let above = 0;
  for (let i = 0; i < magnitudes.length; i++) if ((magnitudes[i] ?? 0) > threshold) above++;
  let equal = keep - above;
  const kept: Record<string, ParameterTensor> = {};
  for (const [name, { shape, data }] of tensors) {
    const out = new Float32Array(data.length);
    for (let i = 0; i < out.length; i++) {
      const value = data[i] ?? 0;
      const magnitude = Math.abs(value);
      if (magnitude > threshold || (magnitude === threshold && equal-- > 0)) out[i] = value;
    }
    kept[name] = { shape, data: out };
  }
  return kept;
}

/**
 * Sends the values of largest magnitude over all tensors together, and keeps the rest for the client's next round (Stich,
 * Cordonnier and Jaggi 2018, "Sparsified SGD with memory", arXiv 1809.07599, algorithm 1): `a = e + sent`; what is sent is
 * `top(a)`, and `e = a - top(a)`.
 */
export const topK = defineTransform({
  name: 'top-k',
  options: {
    type: 'object',
    description: 'Sends the values of largest magnitude, and keeps the rest for the next round.',
    additionalProperties: false,
    required: ['share'],
    properties: {
      share: { type: 'number', exclusiveMinimum: 0, maximum: 1, description: 'Of the values; at least one is sent.' },
      errorFeedback: {
        type: 'boolean',
        default: true,
        description: 'Whether what is not sent is added the next time.',
      },
    },
  },
  create: ({ share, errorFeedback }) => ({
    apply({ sent, state }: TransformCall<{ readonly rest: Parameters }, undefined>) {
      const whole = state === undefined ? sent : p.add(sent, state.rest);
      const keep = Math.max(1, Math.round(share * p.count(whole)));
      const kept = largest(whole, keep);
      return {
        sent: kept,
        bytes: ENTRY_BYTES * keep,
        ...(errorFeedback && { state: { rest: p.subtract(whole, kept) } }),
      };
    },
  }),
});
