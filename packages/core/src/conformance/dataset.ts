import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset, DatasetPlugin, OptionsSchema } from '../contracts/index.js';
import { checkDataset } from '../data/index.js';
import { createRandom } from '../random/index.js';
import { resolveOptions } from '../spec/index.js';
import type { ConformanceCheck } from './check.js';
import { definitionChecks, type Setup, type WrittenOptions } from './definition.js';

export interface DatasetSetup<Schema extends OptionsSchema = OptionsSchema> extends Setup<Schema> {
  /** Where relative paths in options start; default: the working directory. */
  readonly directory?: string;
  /** Other options to load it with, for the promise that equal digests mean equal data. */
  readonly variants?: readonly WrittenOptions<Schema>[];
}

/**
 * What every dataset must do: sizes, labels and scale that fit together, the same data and digest each time, a second
 * load from its cache alone, and an end where it is aborted. Loads the data several times, the first time from wherever
 * it comes.
 */
export function datasetConformance<Schema extends OptionsSchema>(
  plugin: DatasetPlugin<Schema>,
  setup?: DatasetSetup<Schema>,
): readonly ConformanceCheck[];
export function datasetConformance(plugin: DatasetPlugin, setup: DatasetSetup = {}): readonly ConformanceCheck[] {
  const { options: written = {}, directory = process.cwd(), variants = [] } = setup;
  const load = async (cache: string, options = written, signal = new AbortController().signal): Promise<Dataset> =>
    checkDataset(
      plugin.name,
      await plugin.load(await resolveOptions(plugin, options), {
        directory,
        cache,
        signal,
        log: () => undefined,
        random: createRandom(0).at('dataset', plugin.name),
      }),
    );
  return [
    ...definitionChecks(plugin, setup),
    {
      title: 'gives inputs, labels and classes that fit together',
      run: () =>
        withCache(async (cache) => {
          const { inputs, labels, scale, classes, inputShape, digest } = await load(cache);
          assert.ok(ArrayBuffer.isView(inputs) && labels instanceof Uint8Array, 'Inputs and labels are typed arrays.');
          assert.ok(Number.isFinite(scale) && scale > 0, `The scale is ${scale}.`);
          assert.ok(Number.isInteger(classes) && classes > 1 && classes <= 256, `There are ${classes} classes.`);
          assert.ok(inputShape.length > 0 && inputShape.every((axis) => Number.isInteger(axis) && axis > 0));
          assert.match(digest, /^[0-9a-f]{64}$/, 'The digest is a SHA-256 in hex.');
        }),
    },
    {
      title: 'gives the same data and digest again, from an empty cache and from its own',
      run: () =>
        withCache(async (cache) => {
          const first = await load(cache);
          assertSameData(await load(cache), first);
          await withCache(async (other) => {
            assertSameData(await load(other), first);
          });
        }),
    },
    {
      title: 'needs no network once its cache is filled',
      run: () =>
        withCache(async (cache) => {
          const { digest } = await load(cache);
          const { fetch } = globalThis;
          globalThis.fetch = () => Promise.reject(new TypeError('The network is gone.'));
          try {
            assert.equal((await load(cache)).digest, digest);
          } finally {
            globalThis.fetch = fetch;
          }
        }),
    },
    {
      title: 'gives other data another digest',
      run: () =>
        withCache(async (cache) => {
          const loaded = [await load(cache)];
          for (const options of variants) {
            const dataset = await load(cache, options);
            const twin = loaded.find(({ digest }) => digest === dataset.digest);
            if (twin !== undefined) assertSameData(dataset, twin);
            loaded.push(dataset);
          }
        }),
    },
    {
      title: 'stops where it is aborted',
      run: () =>
        withCache(async (cache) => {
          await assert.rejects(
            load(cache, written, AbortSignal.abort()),
            'It loaded in spite of an aborted signal: call signal.throwIfAborted(), and hand the signal to fetch and readFile.',
          );
        }),
    },
  ];
}

/** The digest speaks for inputs and labels; where the test set begins is the split's business. */
function assertSameData(actual: Dataset, expected: Dataset): void {
  assert.equal(actual.digest, expected.digest, 'The same data has another digest.');
  assert.ok(bytesOf(actual.inputs).equals(bytesOf(expected.inputs)), 'The inputs are others.');
  assert.ok(bytesOf(actual.labels).equals(bytesOf(expected.labels)), 'The labels are others.');
  assert.deepEqual(
    [actual.inputShape, actual.scale, actual.classes],
    [expected.inputShape, expected.scale, expected.classes],
    'Shape, scale or classes are others.',
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Lends an empty folder. */
async function withCache(use: (cache: string) => Promise<void>): Promise<void> {
  const cache = await mkdtemp(join(tmpdir(), 'fedx-conformance-'));
  try {
    await use(cache);
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}
