import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Dataset } from '../contracts/index.js';
import type { FedxError } from '../errors/index.js';
import { type FileSystem, nodeFileSystem } from '../runs/index.js';
import { packInputs } from './packed-inputs.js';

const dataset: Dataset = {
  examples: 2,
  inputShape: [3],
  inputs: Uint8Array.of(1, 2, 3, 4, 5, 6),
  scale: 1,
  labels: Uint8Array.of(0, 1),
  classes: 2,
  digest: 'abc123',
};

let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'fedx-cache-'));
});

afterEach(() => rm(cache, { recursive: true }));

describe('packInputs', () => {
  it('writes the inputs as raw bytes under the digest, and nothing beside them', async () => {
    const { directory, file } = await packInputs(dataset, cache);
    expect(directory).toBe(join(cache, 'datasets', 'abc123'));
    expect([...(await readFile(join(directory, file)))]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await readdir(directory)).toEqual([file]);
  });

  it('writes float32 inputs little-endian, under a name of their own', async () => {
    const { directory, file } = await packInputs({ ...dataset, inputs: Float32Array.of(1, -2, 0.5, 0, 0, 0) }, cache);
    expect(file).toBe('inputs.f32');
    const bytes = await readFile(join(directory, file));
    expect([bytes.length, bytes.readFloatLE(4), bytes.readFloatLE(8)]).toEqual([24, -2, 0.5]);
  });

  it('keeps the file of an earlier run, and replaces one of another size', async () => {
    const { directory, file } = await packInputs(dataset, cache);
    const { ino } = await stat(join(directory, file));
    await packInputs(dataset, cache);
    expect((await stat(join(directory, file))).ino).toBe(ino);
    await writeFile(join(directory, file), 'torn');
    await packInputs(dataset, cache);
    expect((await stat(join(directory, file))).size).toBe(6);
  });

  it('names the folder that cannot be made, and the way out', async () => {
    await writeFile(join(cache, 'datasets'), 'a file where a folder should be');
    await expect(packInputs(dataset, cache)).rejects.toMatchObject({
      code: 'FEDX_STORAGE_FAILED',
      message: expect.stringContaining(join(cache, 'datasets')),
      hint: expect.stringContaining('FEDX_CACHE'),
    } satisfies Partial<FedxError>);
  });

  it.each([
    ['the disk is full', 'ENOSPC', 'write'],
    ['the folder is read-only', 'EROFS', 'open'],
  ] as const)('leaves no half of a file behind where %s', async (_, code, operation) => {
    const fails = (): never => {
      throw Object.assign(new TypeError(code), { code });
    };
    const fileSystem: FileSystem = { ...nodeFileSystem, [operation]: fails };
    await expect(packInputs(dataset, cache, fileSystem)).rejects.toMatchObject({
      code: 'FEDX_STORAGE_FAILED',
      message: expect.stringContaining(code),
      hint: expect.stringContaining('FEDX_CACHE'),
    } satisfies Partial<FedxError>);
    expect(await readdir(join(cache, 'datasets', 'abc123'))).toEqual([]);
  });
});
