import { readFileSync } from 'node:fs';
import type { PartitionRequest, Random } from '@fedx/core';
import { createRandom } from '@fedx/core/testing';
import { partitioners } from '@fedx/partitioners';
import { describe, expect, it } from 'vitest';

type Table = readonly (readonly number[])[];

interface Replay {
  readonly clients: number;
  readonly draws: readonly (readonly number[])[];
  readonly counts: Table;
}

interface Figures {
  /** Examples of each label in the reference's dataset. */
  readonly counts: readonly number[];
  readonly replays: {
    readonly 'fedlab.hetero_dir_partition': Replay;
    readonly 'flower.DirichletPartitioner': Replay;
    readonly 'fedlab.shards_partition': { clients: number; permutation: readonly number[]; counts: Table };
    readonly 'fedlab.label_skew_quantity_based_partition': {
      clients: number;
      labels: number;
      draws: readonly number[];
      counts: Table;
    };
    readonly 'flower.LinearPartitioner': { readonly sizes: readonly number[] };
    readonly 'flower.ExponentialPartitioner': { readonly sizes: readonly number[] };
  };
  readonly statistics: Readonly<Record<string, Readonly<Record<string, { mean: number; standardError: number }>>>>;
}

/** Made by generate.py beside it, with FedLab 1.3.0 and flwr-datasets 0.6.1. */
const figures = JSON.parse(readFileSync(new URL('figures.json', import.meta.url), 'utf8')) as Figures;
const { replays } = figures;
const labels = Uint8Array.from(figures.counts.flatMap((count, label) => Array<number>(count).fill(label)));

function split(name: string, options: Readonly<Record<string, unknown>>, random: Random): Table {
  const plugin = partitioners.find((candidate) => candidate.name === name);
  if (plugin?.kind !== 'partitioner') throw new TypeError(`There is no partitioner ${name}.`);
  const request: PartitionRequest = {
    labels: labels.slice(),
    classes: figures.counts.length,
    random,
    dataset: '',
    directory: '.',
    partition: () => ({ quotas: [] }),
  };
  const partition = plugin.partition(options, request);
  return 'quotas' in partition ? partition.quotas : [];
}

/** A stream in which one kind of draw gives what the reference drew, in turn. */
function replaying(draws: Partial<Random>): Random {
  return { ...createRandom(1), ...draws };
}

function inTurn<Value>(values: readonly Value[]): () => Value {
  let next = 0;
  return () => {
    const value = values[next++];
    if (value === undefined) throw new TypeError('The reference drew no more.');
    return value;
  };
}

const sizes = (table: Table): number[] => table.map((row) => row.reduce((sum, count) => sum + count, 0));

describe('given the draws of another implementation, the same split comes out', () => {
  it('dirichlet-class: FedLab, which is NIID-Bench’s code, with its balancing and its retries', () => {
    const { clients, draws, counts } = replays['fedlab.hetero_dir_partition'];
    expect(draws.length % figures.counts.length).toBe(0);
    const dirichlet = inTurn(draws.map((draw) => [...draw]));
    const options = { clients, alpha: 0.4, balance: true, minimumExamples: 10, attempts: 100 };
    expect(split('dirichlet-class', options, replaying({ dirichlet }))).toEqual(counts);
  });

  it('dirichlet-class without balance: Flower', () => {
    const { clients, draws, counts } = replays['flower.DirichletPartitioner'];
    const dirichlet = inTurn(draws.map((draw) => [...draw]));
    const options = { clients, alpha: 0.7, balance: false, minimumExamples: 5, attempts: 10 };
    expect(split('dirichlet-class', options, replaying({ dirichlet }))).toEqual(counts);
  });

  it('label-shards: FedLab', () => {
    const { clients, permutation, counts } = replays['fedlab.shards_partition'];
    const shuffle = <T extends Int32Array | Uint32Array | unknown[]>(values: T): T => {
      permutation.forEach((shard, position) => {
        values[position] = shard;
      });
      return values;
    };
    expect(split('label-shards', { clients, shardsPerClient: 2 }, replaying({ shuffle }))).toEqual(counts);
  });

  it('labels-per-client: FedLab, which is NIID-Bench’s code', () => {
    const { clients, labels: held, draws, counts } = replays['fedlab.label_skew_quantity_based_partition'];
    expect(split('labels-per-client', { clients, labels: held }, replaying({ integer: inTurn(draws) }))).toEqual(
      counts,
    );
  });

  it.each([
    ['linear', replays['flower.LinearPartitioner'].sizes, {}],
    ['exponential', replays['flower.ExponentialPartitioner'].sizes, { rate: 1 }],
  ])('quantity, rule %s: Flower, but for the rounding of single examples', (rule, expected, options) => {
    const table = split(
      'quantity',
      { clients: expected.length, rule, minimumExamples: 1, attempts: 1, ...options },
      createRandom(1),
    );
    // Flower floors each size and gives the last client what is left; here the cumulated sizes are floored.
    sizes(table)
      .slice(0, -1)
      .forEach((size, client) => {
        expect(Math.abs(size - (expected[client] ?? Number.NaN))).toBeLessThanOrEqual(1);
      });
  });
});

/** Mean total variation to the whole, mean largest share of a label, spread of sizes over their mean, labels a client. */
function describeSplit(table: Table): Record<string, number> {
  const whole = figures.counts.map((count) => count / labels.length);
  const totals = sizes(table);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const shares = table.map((row, client) => row.map((count) => count / (totals[client] ?? 1)));
  const average = mean(totals);
  return {
    totalVariation: mean(
      shares.map((row) => row.reduce((sum, share, label) => sum + Math.abs(share - (whole[label] ?? 0)), 0) / 2),
    ),
    largestShare: mean(shares.map((row) => Math.max(...row))),
    sizeDeviation: Math.sqrt(mean(totals.map((size) => (size - average) ** 2))) / average,
    labelsHeld: mean(table.map((row) => row.filter((count) => count > 0).length)),
  };
}

const SPLITS = 200;

describe('over 200 splits, the figures are those of another implementation', () => {
  const patient = { minimumExamples: 10, attempts: 1000 };
  it.each([
    [
      'dirichlet-class alpha 0.5, 10 clients (FedLab hetero_dir_partition)',
      'dirichlet-class',
      { clients: 10, alpha: 0.5, balance: true, ...patient },
    ],
    [
      'dirichlet-class alpha 0.5, 10 clients, unbalanced (Flower DirichletPartitioner)',
      'dirichlet-class',
      { clients: 10, alpha: 0.5, balance: false, ...patient },
    ],
    [
      'dirichlet-label flat alpha 1, 20 clients (FedLab client_inner_dirichlet_partition)',
      'dirichlet-label',
      { clients: 20, alpha: 1, prior: 'flat' },
    ],
    [
      'dirichlet-label flat alpha 0.3, 20 clients (Flower InnerDirichletPartitioner)',
      'dirichlet-label',
      { clients: 20, alpha: 0.3, prior: 'flat' },
    ],
    [
      'labels-per-client 2, 20 clients (Flower PathologicalPartitioner)',
      'labels-per-client',
      { clients: 20, labels: 2 },
    ],
    ['label-shards 2, 18 clients (FedLab shards_partition)', 'label-shards', { clients: 18, shardsPerClient: 2 }],
    [
      'quantity dirichlet alpha 2, 12 clients (FedLab dirichlet_unbalance_split)',
      'quantity',
      { clients: 12, rule: 'dirichlet', alpha: 2, ...patient },
    ],
  ])('%s', (key, name, options) => {
    const expected = figures.statistics[key] ?? {};
    const found = Array.from({ length: SPLITS }, (_, seed) =>
      describeSplit(split(name, options, createRandom(seed).at('partition'))),
    );
    expect(Object.keys(expected)).toEqual(Object.keys(found[0] ?? {}));
    for (const [figure, { mean, standardError }] of Object.entries(expected)) {
      const values = found.map((each) => each[figure] ?? Number.NaN);
      const ours = values.reduce((sum, value) => sum + value, 0) / SPLITS;
      const variance = values.reduce((sum, value) => sum + (value - ours) ** 2, 0) / (SPLITS - 1);
      // Four standard errors of the difference; a per mille of the value where nothing varies.
      const bound = 4 * Math.hypot(standardError, Math.sqrt(variance / SPLITS)) + Math.abs(mean) * 1e-3;
      expect(Math.abs(ours - mean), `${figure}: ours ${ours}, theirs ${mean}`).toBeLessThanOrEqual(bound);
    }
  });
});
