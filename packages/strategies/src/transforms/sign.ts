import { defineTransform, type ParameterTensor } from '@fedx/core';

/**
 * One bit a value: its sign, as signSGD (Bernstein, Wang, Azizzadenesheli and Anandkumar 2018, arXiv 1802.04434), times
 * `magnitude`, or by default the mean magnitude of its tensor, sent along (Karimireddy, Rebjock, Stich and Jaggi 2019, arXiv
 * 1901.09847, "scaled sign"). One bit knows no zero: it counts as positive.
 */
export const sign = defineTransform({
  name: 'sign',
  options: {
    type: 'object',
    description: 'Sends one bit a value: its sign.',
    additionalProperties: false,
    properties: {
      magnitude: {
        type: 'number',
        exclusiveMinimum: 0,
        description: 'Of every value; default: the mean magnitude of the values of a tensor.',
      },
    },
  },
  create: ({ magnitude }) => ({
    apply({ sent }) {
      const signs: Record<string, ParameterTensor> = {};
      let bytes = 0;
      for (const [name, { shape, data }] of Object.entries(sent)) {
        let sum = 0;
        for (let i = 0; i < data.length; i++) sum += Math.abs(data[i] ?? 0);
        const size = magnitude ?? sum / data.length;
        const out = new Float32Array(data.length);
        for (let i = 0; i < out.length; i++) out[i] = (data[i] ?? 0) < 0 ? -size : size;
        signs[name] = { shape, data: out };
        bytes += Math.ceil(data.length / 8) + (magnitude === undefined ? 4 : 0);
      }
      return { sent: signs, bytes };
    },
  }),
});
