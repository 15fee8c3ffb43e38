import type { Parameters, ParameterTensor } from '@fedx/core';

/** Parameters of the shapes of `like`; each value is what `f` makes of the one there, in order. */
export function fill(like: Parameters, f: (value: number) => number): Parameters {
  const filled: Record<string, ParameterTensor> = {};
  for (const [name, { shape, data }] of Object.entries(like)) {
    const out = new Float32Array(data.length);
    for (let i = 0; i < out.length; i++) out[i] = f(data[i] ?? 0);
    filled[name] = { shape, data: out };
  }
  return filled;
}
