import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { titlesOfFailures } from '../../testing/titles-of-failures.js';
import type { Dataset, DatasetContext } from '../contracts/index.js';
import { defineDataset } from '../plugins/index.js';
import { datasetConformance } from './dataset.js';

const options = {
  type: 'object',
  description: 'Six examples.',
  additionalProperties: false,
  properties: { first: { type: 'integer', minimum: 0, default: 0, description: 'The first pixel.' } },
} as const;

/** Six examples of two pixels in three classes. */
function dataset(first = 0): Dataset {
  const inputs = Uint8Array.from({ length: 12 }, (_, i) => first + i);
  const digest = createHash('sha256').update(inputs).digest('hex');
  return {
    examples: 6,
    inputShape: [2],
    inputs,
    scale: 1 / 255,
    labels: Uint8Array.of(0, 1, 2, 0, 1, 2),
    classes: 3,
    digest,
  };
}

type Load = (options: { readonly first: number }, context: DatasetContext) => Promise<Dataset>;

const sound: Load = async ({ first }, { signal }) => {
  signal.throwIfAborted();
  return dataset(first);
};

function failures(load: Load): Promise<readonly string[]> {
  const plugin = defineDataset({ name: 'mine', options, load });
  return titlesOfFailures(datasetConformance(plugin, { variants: [{ first: 1 }, { first: 0 }] }));
}

const loading =
  (change: (made: Dataset) => Partial<Dataset>): Load =>
  async (given, context) => {
    const made = await sound(given, context);
    return { ...made, ...change(made) };
  };

describe('the conformance suite of datasets', () => {
  it('passes a sound dataset', async () => {
    expect(await failures(sound)).toEqual([]);
  });

  it.each<[string, (made: Dataset) => Partial<Dataset>]>([
    ['a label out of range', () => ({ labels: Uint8Array.of(0, 1, 2, 0, 1, 3) })],
    ['inputs that are too short', ({ inputs }) => ({ inputs: inputs.slice(1) })],
    ['a scale of zero', () => ({ scale: 0 })],
    ['one class', () => ({ classes: 1, labels: new Uint8Array(6) })],
    ['a digest of another kind', () => ({ digest: 'mine' })],
    ['an empty axis', () => ({ inputShape: [2, 0], inputs: new Uint8Array() })],
    ['a test set without a row', () => ({ testFrom: 6 })],
  ])('finds %s', async (_, change) => {
    expect(await failures(loading(change))).toContain('gives inputs, labels and classes that fit together');
  });

  it('finds data or a digest that changes', async () => {
    const title = 'gives the same data and digest again, from an empty cache and from its own';
    let loads = 0;
    expect(
      await failures(loading(() => ({ digest: createHash('sha256').update(String(loads++)).digest('hex') }))),
    ).toContain(title);
    expect(await failures(loading(({ inputs }) => ({ inputs: inputs.map((value) => value + loads++) })))).toContain(
      title,
    );
  });

  it('finds a digest that two datasets share', async () => {
    const { digest } = dataset();
    expect(await failures(loading(() => ({ digest })))).toEqual(['gives other data another digest']);
  });

  it('finds a download that is not kept, and passes one that is', async () => {
    const download: Load = async (given, context) => {
      await fetch('data:text/plain,ten');
      return sound(given, context);
    };
    expect(await failures(download)).toEqual(['needs no network once its cache is filled']);
    const cached: Load = async (given, context) => {
      const file = join(context.cache, 'ten.txt');
      await readFile(file).catch(async () => {
        const response = await fetch('data:text/plain,ten', { signal: context.signal });
        await mkdir(context.cache, { recursive: true });
        await writeFile(file, await response.text());
      });
      return sound(given, context);
    };
    expect(await failures(cached)).toEqual([]);
  });

  it('finds one that goes on although it is aborted', async () => {
    expect(await failures(async ({ first }) => dataset(first))).toEqual(['stops where it is aborted']);
  });
});
