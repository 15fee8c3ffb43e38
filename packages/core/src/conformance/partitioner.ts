import assert from 'node:assert/strict';
import type { OptionsSchema, Partition, PartitionerPlugin } from '../contracts/index.js';
import { callPartitioner } from '../data/index.js';
import { FedxError } from '../errors/index.js';
import { createRandom } from '../random/index.js';
import { resolveOptions } from '../spec/index.js';
import type { ConformanceCheck } from './check.js';
import { definitionChecks, type Setup } from './definition.js';
import { watchRandom } from './watched-random.js';

/** Labels of a dataset, to be split. */
interface Population {
  readonly labels: Uint8Array;
  readonly classes: number;
}

/** Ten labels of 60 to 140 examples, in mixed order: what a partitioner should be able to split. */
const usual = populationOf([100, 60, 140, 90, 110, 120, 80, 95, 105, 100]);

/** What no partitioner can count on. */
const extremes: readonly (readonly [string, Population])[] = [
  ['a single class', populationOf([400])],
  ['one example', populationOf([1])],
  ['fewer examples than most federations have clients', populationOf([2, 1])],
  ['one example of each label', populationOf([1, 1, 1, 1, 1, 1, 1, 1, 1, 1])],
  ['labels without any example', populationOf([0, 50, 0, 50, 0])],
  ['one label that has nearly everything', populationOf([1000, 1, 1, 1])],
];

/**
 * What every partitioner must do. Its partitions are checked as a run checks them: quotas that are whole and within what
 * there is, or lists of existing examples, none of them twice. What it cannot split it must refuse with
 * FEDX_PARTITION_IMPOSSIBLE.
 */
export function partitionerConformance<Schema extends OptionsSchema>(
  plugin: PartitionerPlugin<Schema>,
  setup?: Setup<Schema>,
): readonly ConformanceCheck[];
export function partitionerConformance(plugin: PartitionerPlugin, setup: Setup = {}): readonly ConformanceCheck[] {
  const split = async ({ labels, classes }: Population, seed = 1) => {
    const options = await resolveOptions(plugin, setup.options ?? {});
    const { random, hasDrawn } = watchRandom(createRandom(seed).at('partition'));
    const partition = callPartitioner(plugin.name, (request) => plugin.partition(options, request), {
      labels,
      classes,
      random,
      dataset: '',
      directory: '.',
      partition: () => {
        throw new FedxError('FEDX_PLUGIN_FAILED', 'There is no other partitioner in here.');
      },
    });
    return { partition, hasDrawn: hasDrawn() };
  };
  return [
    ...definitionChecks(plugin, setup),
    {
      title: 'gives no example twice and no more of a label than there is',
      run: async () => {
        const { partition } = await split(usual);
        assert.ok(examplesOf(partition) > 0, 'No client gets an example.');
      },
    },
    {
      title: 'gives the same partition for the same stream',
      run: async () => {
        const [first, second] = [await split(usual), await split(usual)];
        assert.deepEqual(second.partition, first.partition, 'A second call with the same stream split otherwise.');
      },
    },
    {
      title: 'gives another partition for another seed, if it draws at all',
      run: async () => {
        const first = await split(usual);
        if (!first.hasDrawn) return;
        const others = await Promise.all([2, 3, 4, 5].map((seed) => split(usual, seed)));
        const differs = others.some(({ partition }) => !isEqual(partition, first.partition));
        assert.ok(differs, 'It draws from its stream, but five seeds give one partition.');
      },
    },
    ...extremes.map(([what, population]) => ({
      title: `splits ${what}, or says that it cannot`,
      run: async () => {
        await split(population).catch((error: unknown) => {
          assert.equal(codeOf(error), 'FEDX_PARTITION_IMPOSSIBLE', describe(error));
        });
      },
    })),
  ];
}

/** `counts[k]` examples of label k, in an order in which no label keeps together. */
function populationOf(counts: readonly number[]): Population {
  const labels = counts.flatMap((count, label) => Array<number>(count).fill(label));
  return { labels: Uint8Array.from(createRandom(0).shuffle(labels)), classes: counts.length };
}

function examplesOf(partition: Partition): number {
  if ('quotas' in partition) return partition.quotas.flat().reduce((sum, quota) => sum + quota, 0);
  const rows = 'examples' in partition ? partition.examples : partition.split.clients.map(({ train }) => train);
  return rows.reduce((sum, { length }) => sum + length, 0);
}

function isEqual(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function describe(error: unknown): string {
  return `It should give a partition or throw FEDX_PARTITION_IMPOSSIBLE, but: ${error instanceof Error ? error.message : String(error)}`;
}
