import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestOf } from '../testing/split.js';
import { fromFile } from './from-file.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fedx-split-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function rows(...list: number[]): { rows: string; sha256: string } {
  const bytes = Buffer.from(Uint32Array.from(list).buffer);
  return { rows: bytes.toString('base64'), sha256: createHash('sha256').update(bytes).digest('hex') };
}

const saved = {
  dataset: 'toy',
  testSet: rows(1, 4),
  validationSet: rows(),
  clients: [
    { train: rows(0, 2), validation: rows(), test: rows(4) },
    { train: rows(3, 70_000), validation: rows(), test: rows(1) },
  ],
};

function replay(content: unknown, path = 'partition.json') {
  writeFileSync(join(directory, 'partition.json'), typeof content === 'string' ? content : JSON.stringify(content));
  return fromFile.partition({ path }, { ...requestOf([9]), directory });
}

describe('from-file', () => {
  it('gives back the rows that were saved', () => {
    expect(replay(saved)).toEqual({
      split: {
        test: Uint32Array.of(1, 4),
        validation: new Uint32Array(),
        clients: [
          { train: Uint32Array.of(0, 2), validation: new Uint32Array(), test: Uint32Array.of(4) },
          { train: Uint32Array.of(3, 70_000), validation: new Uint32Array(), test: Uint32Array.of(1) },
        ],
      },
    });
  });

  it.each<[string, unknown, string, string, string?]>([
    ['a file that is not there', saved, 'FEDX_DATA_NOT_FOUND', 'other.json', 'other.json'],
    ['text', 'rows', 'FEDX_DATA_CORRUPT', 'it is no JSON'],
    ['other JSON', [1], 'FEDX_DATA_CORRUPT', 'no dataset and clients'],
    ['a file of digests only', { ...saved, testSet: { sha256: '' } }, 'FEDX_DATA_CORRUPT', 'testSet has no rows'],
    ['a client of nothing', { ...saved, clients: [null] }, 'FEDX_DATA_CORRUPT', 'clients.0.train has no rows'],
    [
      'rows that were changed',
      { ...saved, validationSet: { ...rows(5), sha256: rows(6).sha256 } },
      'FEDX_DATA_CORRUPT',
      'the rows of validationSet do not have the SHA-256',
    ],
    ['another dataset', { ...saved, dataset: 'other' }, 'FEDX_PARTITION_IMPOSSIBLE', 'a split of another dataset'],
  ])('refuses %s', (_, content, code, message, path) => {
    expect(() => replay(content, path)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
