import { readFileSync } from 'node:fs';
import type { DatasetContext, Random } from '@fedx/core';
import { createRandom } from '@fedx/core/testing';
import { datasets } from '@fedx/datasets';
import { describe, expect, it } from 'vitest';

interface Case {
  readonly options: Readonly<Record<string, unknown>>;
  /** The standard normals, in the order in which they were drawn. */
  readonly draws: readonly number[];
  readonly sizes: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Made by generate.py beside it, with NumPy. */
const cases = JSON.parse(readFileSync(new URL('figures.json', import.meta.url), 'utf8')) as readonly Case[];

function load(options: Readonly<Record<string, unknown>>, random: Random) {
  const plugin = datasets.find(({ name }) => name === 'synthetic');
  if (plugin?.kind !== 'dataset') throw new TypeError('There is no dataset synthetic.');
  const context: DatasetContext = {
    directory: '.',
    cache: '.',
    signal: new AbortController().signal,
    log: () => undefined,
    random,
  };
  return plugin.load({ seed: 0, ...options }, context);
}

describe('synthetic', () => {
  it.each(cases)('makes of the same draws what the generator of FedProx makes: $options', async (expected) => {
    let next = 0;
    const random: Random = {
      ...createRandom(0),
      at: () => random,
      normal: () => expected.draws[next++] ?? Number.NaN,
    };
    const dataset = await load(expected.options, random);
    expect(next).toBe(expected.draws.length);
    expect(expected.sizes.map((_, client) => dataset.groups?.of.filter((group) => group === client).length)).toEqual(
      expected.sizes,
    );
    expect([...dataset.labels]).toEqual(expected.y);
    expect(dataset.inputs.length).toBe(expected.x.length);
    const largest = expected.x.reduce((max, value, i) => Math.max(max, Math.abs(value - (dataset.inputs[i] ?? 0))), 0);
    expect(largest).toBeLessThan(1e-5);
  });

  it('is the same in every run, and another for another seed or other options', async () => {
    const options = { alpha: 1, beta: 1, clients: 3, features: 5, classes: 3, iid: false };
    const digests = await Promise.all(
      [options, options, { ...options, seed: 1 }, { ...options, alpha: 0.5 }].map(
        async (each) => (await load(each, createRandom(0))).digest,
      ),
    );
    expect(digests[1]).toBe(digests[0]);
    expect(new Set(digests).size).toBe(3);
  });

  it('differs between clients more with larger alpha and beta', async () => {
    const options = { clients: 30, features: 20, classes: 5, iid: false };
    const spreadOf = async (beta: number) => {
      const { inputs, groups } = await load({ ...options, alpha: 1, beta }, createRandom(0));
      const sums = new Float64Array(30);
      const sizes = new Float64Array(30);
      groups?.of.forEach((client, row) => {
        for (let j = 0; j < 20; j++) sums[client] = (sums[client] ?? 0) + (inputs[row * 20 + j] ?? 0) / 20;
        sizes[client] = (sizes[client] ?? 0) + 1;
      });
      const means = Array.from(sums, (total, client) => total / (sizes[client] ?? 1));
      const mean = means.reduce((total, value) => total + value, 0) / 30;
      return Math.sqrt(means.reduce((total, value) => total + (value - mean) ** 2, 0) / 29);
    };
    // Means of clients spread with standard deviation sqrt(beta^2 + 1 / 20): 0.22 and 3.0.
    expect(await spreadOf(0)).toBeLessThan(0.4);
    expect(await spreadOf(3)).toBeGreaterThan(2);
  });
});
