import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildToy as build, toy, withLabels } from '../../testing/toy-federation.js';
import type { Dataset, Partition } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { createRandom } from '../random/index.js';
import type { FederatedData } from './federated-data.js';
import { partitionTable } from './partition-table.js';

describe('buildFederatedData', () => {
  it('counts holdouts in the quotas and divides them in proportion', () => {
    // Label 0: 6 of 30 are test images, quotas 20 + 10 give 4 + 2. Label 1: 6 of 30, 25 + 5 give 5 + 1.
    const data = build(
      {
        quotas: [
          [20, 25],
          [10, 5],
        ],
      },
      toy([30, 30]),
      { holdout: { test: 0.2, validation: 0 } },
    );
    expect(partitionTable(data)).toMatchObject({
      labels: [
        [20, 25],
        [10, 5],
      ],
      train: [36, 12],
      test: [9, 3],
      validation: [0, 0],
    });
  });

  it('divides validation images as well', () => {
    // 12 test images as above; then 6 of the 48 left, 3 a label, in proportion to 16 : 8 and 20 : 4.
    const data = build(
      {
        quotas: [
          [20, 25],
          [10, 5],
        ],
      },
      toy([30, 30]),
      { holdout: { test: 0.2, validation: 0.1 } },
    );
    expect(partitionTable(data)).toMatchObject({
      labels: [
        [20, 25],
        [10, 5],
      ],
      test: [9, 3],
      validation: [5, 1],
      train: [31, 11],
    });
  });

  it('does not change the test set with partition or partition seed, but changes who has which image', () => {
    const dataset = toy([40, 40]);
    const a = build(
      {
        quotas: [
          [20, 20],
          [20, 20],
        ],
      },
      dataset,
    );
    const otherSeed = build(
      {
        quotas: [
          [20, 20],
          [20, 20],
        ],
      },
      dataset,
      { partitionSeed: 8 },
    );
    const otherPartition = build(
      {
        quotas: [
          [40, 0],
          [0, 40],
        ],
      },
      dataset,
    );
    expect(otherSeed.test).toEqual(a.test);
    expect(otherPartition.test).toEqual(a.test);
    expect(otherSeed.clients[0]?.train).not.toEqual(a.clients[0]?.train);
    expect(otherSeed.clients[0]?.test).not.toEqual(a.clients[0]?.test);
    expect(
      build(
        {
          quotas: [
            [20, 20],
            [20, 20],
          ],
        },
        dataset,
      ),
    ).toEqual(a);
  });

  it("gives clients of a dataset's own test set their share of it on top of their quotas", () => {
    // Rows 0-19 train (10 of each label), rows 20-29 test (5 of each): quotas 8 + 2 of label 0 give 4 + 1.
    const dataset: Dataset = { ...toy([15, 15]), testFrom: 20 };
    const seen: number[] = [];
    const data = build(
      ({ labels }) => {
        seen.push(labels.length);
        return {
          quotas: [
            [8, 2],
            [2, 8],
          ],
        };
      },
      dataset,
      { holdout: { validation: 0 } },
    );
    expect(seen).toEqual([20]);
    expect(partitionTable(data)).toMatchObject({
      labels: [
        [12, 3],
        [3, 12],
      ],
      train: [10, 10],
      test: [5, 5],
    });
    expect([...data.test]).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
  });

  it('keeps exactly the examples that a partitioner chose', () => {
    const dataset = toy([10, 10]);
    const data = build({ examples: [Uint32Array.of(9, 3, 1, 0, 2, 4, 5, 6, 7, 8), rows(10, 20)] }, dataset);
    expect(own(data, 0)).toEqual([...rows(0, 10)]);
    expect(own(data, 1)).toEqual([...rows(10, 20)]);
    for (const { test } of data.clients) expect([...test].every((row) => data.test.includes(row))).toBe(true);
  });

  it("adds a share of the dataset's own test set to chosen examples", () => {
    const data = build(
      { examples: [rows(0, 10), rows(10, 20)] },
      { ...toy([15, 15]), testFrom: 20 },
      { holdout: { validation: 0 } },
    );
    expect(data.clients[0]?.train).toEqual(rows(0, 10));
    expect(partitionTable(data).test).toEqual([6, 4]);
  });

  it('uses every image exactly once, whatever the quotas', () => {
    const labels = fc.array(fc.nat(2), { minLength: 40, maxLength: 120 });
    fc.assert(
      fc.property(
        labels,
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        fc.boolean(),
        (list, clients, seed, withValidation) => {
          const dataset = withLabels(list, 3);
          const random = createRandom(seed);
          const quotas = Array.from({ length: clients }, () => [0, 0, 0]);
          for (const label of list) {
            const quota = quotas[random.integer(clients)];
            if (quota !== undefined) quota[label] = (quota[label] ?? 0) + 1;
          }
          fc.pre(quotas.every((quota) => sum(quota) > 8));
          const data = build({ quotas }, dataset, {
            holdout: { test: 0.2, validation: withValidation ? 0.1 : 0 },
            partitionSeed: seed,
          });
          expect(partitionTable(data).labels).toEqual(quotas);
          expect(data.clients.flatMap((_, client) => own(data, client)).sort((a, b) => a - b)).toEqual([
            ...rows(0, list.length),
          ]);
          expect(merged(data, 'test')).toEqual([...data.test]);
          expect(merged(data, 'validation')).toEqual([...data.validation]);
        },
      ),
    );
  });

  it('leaves out images that no client gets, and gives no client more than its quota', () => {
    const data = build(
      {
        quotas: [
          [5, 3],
          [0, 2],
        ],
      },
      toy([50, 50]),
      { holdout: { test: 0.4, validation: 0 } },
    );
    expect(partitionTable(data)).toMatchObject({
      labels: [
        [5, 3],
        [0, 2],
      ],
      train: [5, 1],
      test: [3, 1],
    });
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'not exactly one of the lists quotas and examples'],
    ['a promise', Promise.resolve({ quotas: [[1, 1]] }), 'not exactly one of the lists'],
    ['quotas and examples at once', { quotas: [[1, 1]], examples: [] }, 'not exactly one of the lists'],
    ['no clients', { quotas: [] }, 'no clients'],
    ['quotas of another shape', { quotas: [[1, 1], [1]] }, 'quotas of client 1 that are not a list of 2 numbers'],
    ['a negative quota', { quotas: [[1, -1]] }, 'a quota of -1 examples of label 1 for client 0'],
    ['a fraction', { quotas: [[1.5, 1]] }, 'a quota of 1.5 examples'],
    ['NaN', { quotas: [[Number.NaN, 1]] }, 'a quota of NaN examples'],
    [
      'more than there is',
      {
        quotas: [
          [6, 1],
          [5, 1],
        ],
      },
      'quotas of 11 examples of label 0, of which there are 10',
    ],
    ['examples of another type', { examples: [[1, 2]] }, 'not a Uint32Array'],
    ['an example that does not exist', { examples: [Uint32Array.of(20)] }, 'example 20 for client 0, of 20 examples'],
    [
      'an example twice',
      { examples: [Uint32Array.of(3, 4), Uint32Array.of(4)] },
      'example 4 twice, for clients 0 and 1',
    ],
  ])('refuses a partitioner that returns %s, naming it', (_, returned, flaw) => {
    expect(() => build(() => returned as Partition, toy([10, 10]))).toThrow(
      expect.objectContaining<Partial<FedxError>>({
        code: 'FEDX_PLUGIN_FAILED',
        message: expect.stringMatching(new RegExp(`^The partitioner toy returned .*${flaw}`)),
        place: { plugin: 'toy' },
      }),
    );
  });

  it('names a partitioner that throws, and keeps errors that have a code', () => {
    const throwing = (error: Error) => () => {
      throw error;
    };
    const cause = new RangeError('out of cheese');
    expect(() => build(throwing(cause), toy([10, 10]))).toThrow(
      expect.objectContaining<Partial<FedxError>>({
        code: 'FEDX_PLUGIN_FAILED',
        message: 'The plugin toy failed to partition: out of cheese',
        cause,
      }),
    );
    const coded = new FedxError('FEDX_PARTITION_IMPOSSIBLE', 'too few', {
      place: { file: 'a.csv' },
      hint: 'Add some.',
    });
    const { code, message, hint } = coded;
    expect(() => build(throwing(coded), toy([10, 10]))).toThrow(
      expect.objectContaining({ code, message, hint, place: { file: 'a.csv', plugin: 'toy' } }),
    );
  });

  it('names a client without training examples', () => {
    expect(() =>
      build(
        {
          quotas: [
            [10, 10],
            [0, 0],
          ],
        },
        toy([10, 10]),
      ),
    ).toThrow(
      expect.objectContaining<Partial<FedxError>>({
        code: 'FEDX_PARTITION_IMPOSSIBLE',
        message: 'Client 1 of 2 has no training example.',
        place: { client: 1 },
      }),
    );
  });

  it('leaves every one of many small clients something to train on', () => {
    // 20 clients with an image of each label; 4 of the 40 images are held out, 2 a label. By number alone, clients 0 and 1
    // would have both of theirs held out.
    const quotas = Array.from({ length: 20 }, () => [1, 1]);
    const { train, test } = partitionTable(build({ quotas }, toy([20, 20]), { holdout: { test: 0.1, validation: 0 } }));
    expect(test).toEqual([1, 1, 1, 1, ...Array<number>(16).fill(0)]);
    expect(train).toEqual([1, 1, 1, 1, ...Array<number>(16).fill(2)]);
  });

  it('says where a client’s examples went that has none to train on', () => {
    // 6 of 10 are test images: 5.4 of label 0 and 0.6 of label 1, which become 5 and 1.
    const quotas = [
      [9, 0],
      [0, 1],
    ];
    expect(() => build({ quotas }, toy([9, 1]), { holdout: { test: 0.6, validation: 0 } })).toThrow(
      expect.objectContaining<Partial<FedxError>>({
        code: 'FEDX_PARTITION_IMPOSSIBLE',
        message: 'Client 1 of 2 has no training example: all it has, 1, are held out.',
      }),
    );
  });

  it('names example and client of a skew that makes an input of no number', () => {
    const quotas = [
      [10, 0],
      [0, 10],
    ];
    const features = ({ values, client }: { values: Float32Array; client: number }) => {
      if (client === 1) values[0] = NaN;
    };
    const { dataset } = build({ quotas, features }, toy([10, 10]));
    expect(() => dataset.inputs).toThrow(
      expect.objectContaining<Partial<FedxError>>({
        code: 'FEDX_PLUGIN_FAILED',
        message: expect.stringMatching(/^The partitioner toy made NaN of an input of example \d+\.$/) as string,
        place: { plugin: 'toy', client: 1 },
      }),
    );
  });

  it('shows whom examples come from to an inner partitioner of all of them, and to no other', () => {
    const groups = { names: ['a', 'b'], of: Uint32Array.from({ length: 20 }, (_, row) => row % 2) };
    const seen: unknown[] = [];
    const quotas = [[5, 5]];
    build(
      ({ labels, random, groups: own, partition }) => {
        seen.push(own);
        if (seen.length === 1) {
          partition({ use: 'all' }, { labels, random });
          partition({ use: 'part' }, { labels: labels.slice(0, 19), random });
          partition({ use: 'sorted' }, { labels: labels.slice().sort(), random });
        }
        return { quotas };
      },
      { ...toy([10, 10]), groups },
    );
    expect(seen).toEqual([groups, groups, undefined, undefined]);
  });

  it('does not let a partitioner change the dataset', () => {
    const dataset = toy([10, 10]);
    const before = dataset.labels.slice();
    build(({ labels }) => {
      labels.fill(0);
      return { quotas: [[10, 10]] };
    }, dataset);
    expect(dataset.labels).toEqual(before);
  });
});

function own(data: FederatedData, client: number): number[] {
  const { train = [], validation = [], test = [] } = data.clients[client] ?? {};
  return [...train, ...validation, ...test].sort((a, b) => a - b);
}

function merged(data: FederatedData, use: 'test' | 'validation'): number[] {
  return data.clients.flatMap((client) => [...client[use]]).sort((a, b) => a - b);
}

function rows(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, step) => from + step);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
