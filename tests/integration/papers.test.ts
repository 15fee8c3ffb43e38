import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createHost } from '@fedx/core/host';
import { expect, it } from 'vitest';
import { plugins } from './tiny-federation.js';

const file = fileURLToPath(new URL('../../experiments/papers/fedprox-stragglers.yaml', import.meta.url));

it('splits MNIST for FedProx as its authors do, who come to 69,035 images on 1,000 devices', async () => {
  const host = createHost({ plugins, directory: tmpdir() });
  // Theirs is a split of all 70,000 images.
  const overrides = ['dataset.split=pooled', 'sweep={}', 'holdout.test=0.1', 'expect=[]'];
  const { partition } = await host.plan({ file, overrides }, { estimate: false });
  const sizes = partition.labels.map((counts) => counts.reduce((sum, count) => sum + count, 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const deviation = Math.sqrt(sizes.reduce((sum, size) => sum + (size - total / 1000) ** 2, 0) / 1000);
  expect(sizes).toHaveLength(1000);
  // 300 draws of their generate_niid.py in NumPy come to 69,008 … 69,109 images in all, the README of their code says
  // 69,035; the standard deviation of the sizes is 125 … 247.
  expect(total).toBeGreaterThan(69_000);
  expect(total).toBeLessThan(69_120);
  expect(deviation).toBeGreaterThan(120);
  expect(deviation).toBeLessThan(260);
  for (const [client, counts] of partition.labels.entries()) {
    const held = counts.flatMap((count, label) => (count > 0 ? [label] : []));
    expect(held).toEqual([client % 10, (client + 1) % 10].toSorted((a, b) => a - b));
    for (const label of held) expect(counts[label]).toBeGreaterThanOrEqual(5);
  }
});
