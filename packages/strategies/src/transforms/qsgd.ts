import { defineTransform, type Parameters, type ParameterTensor } from '@fedx/core';

/**
 * QSGD (Alistarh, Grubic, Li, Tomioka and Vojnovic 2017, arXiv 1610.02132, section 3.1): each tensor v goes to
 *
 *     |v| * sign(v_i) * xi_i,   xi_i one of the neighbours l / s and (l + 1) / s of |v_i| / |v|
 *
 * by chance, so that its mean is v. |v| is the tensor's Euclidean norm and s the number of levels. Bytes are those of one norm a
 * tensor and `log2(2 s + 1)` bits a value, rounded up; not of the paper's Elias code.
 */
export const qsgd = defineTransform({
  name: 'qsgd',
  options: {
    type: 'object',
    description: 'Rounds values at random to few levels, right in the mean.',
    additionalProperties: false,
    properties: {
      levels: { type: 'integer', minimum: 1, maximum: 32767, default: 16, description: 's: levels above zero.' },
    },
  },
  create: ({ levels }) => {
    const bits = Math.ceil(Math.log2(2 * levels + 1));
    return {
      apply({ sent, random }) {
        const quantised: Record<string, ParameterTensor> = {};
        let bytes = 0;
        for (const [name, { shape, data }] of Object.entries(sent)) {
          let squares = 0;
          for (let i = 0; i < data.length; i++) squares += (data[i] ?? 0) ** 2;
          const norm = Math.sqrt(squares);
          const out = new Float32Array(data.length);
          for (let i = 0; norm > 0 && i < out.length; i++) {
            const value = data[i] ?? 0;
            const level = Math.floor((Math.abs(value) / norm) * levels + random.uniform());
            out[i] = Math.sign(value) * norm * (level / levels);
          }
          quantised[name] = { shape, data: out };
          bytes += 4 + Math.ceil((bits * data.length) / 8);
        }
        return { sent: quantised satisfies Parameters, bytes };
      },
    };
  },
});
