import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FedxError } from '@fedx/core/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fedx } from '../e2e/fedx.js';
import { createProject, idx, images, type Project } from './tiny-federation.js';

let project: Project;

beforeEach(async () => {
  project = await createProject();
});

afterEach(() => project.remove());

interface Fault {
  readonly what: string;
  /** Files of the project that are other than they should be. */
  readonly files?: Readonly<Record<string, Buffer>>;
  readonly overrides?: readonly string[];
  readonly code: string;
  readonly exitCode: number;
  /** What the message names. */
  readonly names: RegExp;
}

const { images: pixels, labels } = images(330);

/** `bytes` with other values from `at` on. */
function changed(bytes: Buffer, at: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, at);
  return copy;
}

const faults: readonly Fault[] = [
  {
    what: 'a truncated IDX file',
    files: { 'data/train-images-idx3-ubyte': pixels.subarray(0, 3000) },
    code: 'FEDX_DATA_CORRUPT',
    exitCode: 5,
    names: /train-images-idx3-ubyte.*(6616|6600)/,
  },
  {
    what: 'an IDX file that ends in its header',
    files: { 'data/train-labels-idx1-ubyte': labels.subarray(0, 6) },
    code: 'FEDX_DATA_CORRUPT',
    exitCode: 5,
    names: /train-labels-idx1-ubyte.*6 bytes/,
  },
  {
    what: 'a wrong magic number',
    files: { 'data/t10k-images-idx3-ubyte': changed(images(50, 330).images, 2, 0x0d) },
    code: 'FEDX_DATA_CORRUPT',
    exitCode: 5,
    names: /t10k-images-idx3-ubyte/,
  },
  {
    what: 'label 11',
    files: { 'data/train-labels-idx1-ubyte': changed(labels, 8 + 17, 11) },
    code: 'FEDX_DATA_CORRUPT',
    exitCode: 5,
    names: /example 17 has label 11, expected 0 to 9/,
  },
  {
    what: 'a missing folder of images',
    overrides: ['dataset.path=./nowhere'],
    code: 'FEDX_DATA_NOT_FOUND',
    exitCode: 5,
    names: /nowhere/,
  },
  {
    what: 'more clients than images',
    overrides: ['partition.clients=381'],
    code: 'FEDX_PARTITION_IMPOSSIBLE',
    exitCode: 2,
    names: /381.*380|380.*381/,
  },
  {
    what: 'a label with no images, which the partition needs',
    files: {
      'data/train-labels-idx1-ubyte': idx(
        [330],
        Uint8Array.from({ length: 330 }, (_, i) => i % 9),
      ),
      'data/t10k-labels-idx1-ubyte': idx(
        [50],
        Uint8Array.from({ length: 50 }, (_, i) => i % 9),
      ),
    },
    overrides: ['partition={ use: dominant-label, clients: 10, dominantShare: 0.55 }'],
    code: 'FEDX_PARTITION_IMPOSSIBLE',
    exitCode: 2,
    names: /Label 9/,
  },
  {
    what: 'a learning rate that lets training diverge',
    overrides: ['client.optimizer.learningRate=1e30'],
    code: 'FEDX_RUN_DIVERGED',
    exitCode: 1,
    names: /round 1 at client \d/,
  },
];

describe('fedx run', () => {
  it.each(faults)(
    'ends with $exitCode and $code on $what',
    async ({ files = {}, overrides = [], code, exitCode, names }) => {
      for (const [name, content] of Object.entries(files)) await project.write(name, content);
      const ended = await fedx(['run', 'spec.yaml', ...overrides], project.folder);
      expect(ended.stderr).toMatch(new RegExp(`^${code}: `, 'm'));
      expect(ended.stderr).toMatch(names);
      expect(ended.stderr).not.toMatch(/\n {4}at /);
      expect(ended.exitCode).toBe(exitCode);

      const json = await fedx(['run', 'spec.yaml', '--json', ...overrides], project.folder);
      expect(json.exitCode).toBe(exitCode);
      const { error } = JSON.parse(json.stdout) as { error: Pick<FedxError, 'code' | 'hint'> };
      expect(error).toMatchObject({ code, hint: expect.stringMatching(/./) });
    },
  );

  it('leaves nothing behind where the data cannot be used', async () => {
    await project.write('data/train-images-idx3-ubyte', pixels.subarray(0, 3000));
    await fedx(['run', 'spec.yaml'], project.folder);
    expect(await readdir(project.folder)).toEqual(['data', 'spec.yaml']);
  });

  it('uses a label without images where the partition does not need it', async () => {
    const nine = (count: number) =>
      idx(
        [count],
        Uint8Array.from({ length: count }, (_, i) => i % 9),
      );
    await project.write('data/train-labels-idx1-ubyte', nine(330));
    await project.write('data/t10k-labels-idx1-ubyte', nine(50));
    const { exitCode, stderr } = await fedx(['run', 'spec.yaml', 'server.rounds=1'], project.folder);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });

  it('ends with 5 where its folder for runs cannot be made', async () => {
    await mkdir(join(project.folder, '.fedx'));
    await project.write('.fedx/runs', 'in the way');
    const { exitCode, stderr } = await fedx(['run', 'spec.yaml'], project.folder);
    expect(stderr).toMatch(/^FEDX_STORAGE_FAILED: .*\.fedx.runs/m);
    expect(exitCode).toBe(5);
  });

  it('gives the same model from a cache that was thrown away', async () => {
    const model = async () => {
      const { stdout } = await fedx(['run', 'spec.yaml', '--json', 'server.rounds=1'], project.folder);
      return (JSON.parse(stdout) as { runs: { metrics: Record<string, { last: number }> }[] }).runs[0]?.metrics[
        'test/loss'
      ];
    };
    const before = await model();
    await rm(join(project.folder, '.fedx', 'cache'), { recursive: true });
    expect(await model()).toEqual(before);
  });
});
