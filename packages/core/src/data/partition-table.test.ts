import { describe, expect, it } from 'vitest';
import { buildToy as build, toy } from '../../testing/toy-federation.js';
import { partitionManifest } from './partition-table.js';

describe('partitionManifest', () => {
  it('names the dominant label and the share that each client actually has of it', () => {
    const { clients } = partitionManifest(
      build(
        {
          quotas: [
            [8, 2],
            [2, 8],
          ],
        },
        toy([10, 10]),
      ),
    );
    expect(clients.map(({ dominantLabel, dominantShare }) => [dominantLabel, dominantShare])).toEqual([
      [0, 0.8],
      [1, 0.8],
    ]);
  });

  it('tells splits apart by the digests of their rows', () => {
    const dataset = toy([20, 20]);
    const quotas = [
      [10, 10],
      [10, 10],
    ];
    const manifest = partitionManifest(build({ quotas }, dataset));
    const other = partitionManifest(build({ quotas }, dataset, { partitionSeed: 8 }));
    expect(partitionManifest(build({ quotas }, dataset))).toEqual(manifest);
    expect(other.testSet).toEqual(manifest.testSet);
    expect(other.clients[0]?.train.sha256).not.toBe(manifest.clients[0]?.train.sha256);
    expect(other.clients[0]?.train.examples).toBe(manifest.clients[0]?.train.examples);
  });

  it('digests rows as little-endian uint32', () => {
    const data = build(
      { examples: [Uint32Array.from({ length: 20 }, (_, row) => row)] },
      { ...toy([11, 10]), testFrom: 20 },
      { holdout: { validation: 0 } },
    );
    // SHA-256 of the bytes 14 00 00 00: row 20.
    expect(partitionManifest(data).testSet).toEqual({
      examples: 1,
      sha256: '447e12701a0d03cf90a4ad7f02f1a045b35d284e26fe520440edb116d76bf700',
      rows: 'FAAAAA==',
    });
  });
});
