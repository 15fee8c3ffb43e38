import { describe, expect, it } from 'vitest';
import { catalogueWith, never, none } from '../../../testing/minimal-spec.js';
import { definePartitioner } from '../../plugins/index.js';
import type { ExperimentSpec } from '../experiment-spec.js';
import { parseSpec, resolveSpec } from '../resolve.js';

const inner = {
  type: 'object',
  required: ['use'],
  properties: { use: { type: 'string' } },
  slot: 'partitioner',
} as const;

const catalogue = catalogueWith(
  definePartitioner({
    name: 'iid',
    options: { type: 'object', properties: { clients: { type: 'integer' } }, required: ['clients'] } as const,
    partition: never,
  }),
  definePartitioner({
    name: 'noisy',
    options: {
      type: 'object',
      properties: {
        sigma: { type: 'number', default: 1 },
        of: inner,
        parts: { type: 'array', items: { type: 'object', properties: { of: inner } } },
      },
    } as const,
    partition: never,
  }),
  definePartitioner({ name: 'saved', options: none, holdsOut: true, partition: never }),
);

async function resolve(partition: string, ...overrides: readonly string[]): Promise<ExperimentSpec> {
  const text = `apiVersion: fedx/v1
name: inner
dataset: { use: digits }
partition: ${partition}
model: { use: mlp }
client: { optimizer: { use: sgd } }
server: { rounds: 3 }
`;
  return resolveSpec(await parseSpec('spec.yaml', text, overrides), catalogue);
}

/** Path and message of all diagnostics. */
async function refusal(partition: string, ...overrides: readonly string[]): Promise<readonly [string, string][]> {
  const error: unknown = await resolve(partition, ...overrides).catch((cause: unknown) => cause);
  const diagnostics = Reflect.get(Object(error), 'diagnostics') as readonly { path: string; message: string }[];
  return diagnostics.map(({ path, message }) => [path, message]);
}

describe('a plugin in the options of another', () => {
  it('gets its own defaults, at any depth and in lists', async () => {
    const { partition } = await resolve(
      '{ use: noisy, of: { use: noisy, sigma: 2, of: { use: iid, clients: 3 } }, parts: [{ of: { use: noisy } }] }',
    );
    expect(partition).toEqual({
      use: 'noisy',
      sigma: 1,
      of: { use: 'noisy', sigma: 2, of: { use: 'iid', clients: 3 } },
      parts: [{ of: { use: 'noisy', sigma: 1 } }],
    });
  });

  it('is checked against its own schema, with its own place', async () => {
    expect(await refusal('{ use: noisy, of: { use: iid }, parts: [{ of: { use: iidd } }] }')).toEqual([
      ['partition.of.clients', expect.stringContaining('partition.of needs clients')],
      ['partition.parts.0.of.use', 'Unknown partitioner "iidd".'],
    ]);
    expect(await refusal('{ use: noisy, of: 3 }')).toEqual([
      ['partition.of', 'partition.of must be a mapping, got 3.'],
    ]);
  });
});

describe('a partitioner that brings its own holdouts', () => {
  it('leaves no room for those of the spec', async () => {
    expect((await resolve('{ use: saved }')).holdout).toEqual({ validation: 0 });
    for (const holdout of ['holdout.test=0.2', 'holdout.validation=0.2'])
      expect(await refusal('{ use: saved }', holdout)).toEqual([
        ['holdout', 'The partition brings its own test and validation sets, so holdout has nothing to do.'],
      ]);
  });

  it('does so in another one too, at any depth', async () => {
    const partition = '{ use: noisy, of: { use: noisy, of: { use: saved } } }';
    expect((await resolve(partition)).holdout).toEqual({ validation: 0 });
    expect(await refusal(partition, 'holdout.test=0.2')).toEqual([
      ['holdout', 'The partition brings its own test and validation sets, so holdout has nothing to do.'],
    ]);
    const other = await resolve('{ use: noisy, of: { use: noisy } }', 'holdout.test=0.2');
    expect(other.holdout).toEqual({ test: 0.2, validation: 0 });
  });
});
