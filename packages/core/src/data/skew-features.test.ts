import { describe, expect, it } from 'vitest';
import type { FederatedData } from './federated-data.js';
import { skewFeatures } from './skew-features.js';

const data: FederatedData = {
  dataset: {
    examples: 4,
    inputShape: [2],
    inputs: Uint8Array.of(0, 10, 20, 30, 40, 50, 60, 70),
    scale: 0.5,
    labels: new Uint8Array(4),
    classes: 1,
    digest: 'toy',
  },
  test: Uint32Array.of(3),
  validation: new Uint32Array(),
  clients: [
    { train: Uint32Array.of(1), validation: new Uint32Array(), test: Uint32Array.of(3) },
    { train: Uint32Array.of(0), validation: new Uint32Array(), test: new Uint32Array() },
  ],
};

describe('skewFeatures', () => {
  it("changes every client's own rows, in the units that the model sees, and no others", () => {
    const seen: unknown[] = [];
    const { dataset } = skewFeatures(data, ({ values, ...change }) => {
      seen.push(change);
      values[0] = (values[0] ?? 0) + 100 * (change.client + 1);
    });
    expect([...dataset.inputs]).toEqual([200, 5, 110, 15, 20, 25, 130, 35]);
    expect(dataset.scale).toBe(1);
    expect(seen.slice(1)).toEqual([
      { shape: [2], client: 0, example: 1, use: 'train' },
      { shape: [2], client: 0, example: 3, use: 'test' },
      { shape: [2], client: 1, example: 0, use: 'train' },
    ]);
    expect([...data.dataset.inputs.subarray(0, 2)]).toEqual([0, 10]);
  });

  it('tries one example at once, and the others once when inputs or digest are asked for', () => {
    const changed: number[] = [];
    const { dataset } = skewFeatures(data, ({ example }) => {
      changed.push(example);
    });
    expect(changed).toEqual([1]);
    expect(dataset.digest).toBe(dataset.digest);
    expect(dataset.inputs).toBe(dataset.inputs);
    expect(changed).toEqual([1, 1, 3, 0]);
  });

  it('gives other inputs another digest, and the same the same', () => {
    const digestOf = (value: number) => skewFeatures(data, ({ values }) => void values.fill(value)).dataset.digest;
    expect(digestOf(1)).toBe(digestOf(1));
    expect(digestOf(2)).not.toBe(digestOf(1));
    expect(digestOf(1)).not.toBe('toy');
  });
});
