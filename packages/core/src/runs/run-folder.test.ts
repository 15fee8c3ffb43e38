import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFileSystem } from './file-system.js';
import { createRunFolder, runPaths } from './run-folder.js';

const clock = () => Date.UTC(2026, 10, 23, 9, 32, 1, 250);

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fedx-run-folder-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function failing(code: string): () => never {
  return () => {
    throw Object.assign(new Error(code), { code });
  };
}

describe('createRunFolder', () => {
  it('names the folder by time, experiment and a random suffix', async () => {
    const folder = await createRunFolder({ directory, name: 'noniid-mnist', clock });
    expect(folder.id).toMatch(/^20261123-093201-noniid-mnist-[0-9a-f]{4}$/);
    expect(folder.directory).toBe(join(directory, '.fedx', 'runs', folder.id));
    expect(statSync(folder.directory).isDirectory()).toBe(true);
  });

  it('gives every run its own id within one millisecond', async () => {
    const folders = await Promise.all(
      Array.from({ length: 100 }, () => createRunFolder({ directory, name: 'a', clock })),
    );
    expect(new Set(folders.map(({ id }) => id)).size).toBe(100);
  });

  it('draws another id where a run of another process owns the first', async () => {
    const taken: string[] = [];
    const fileSystem = {
      ...nodeFileSystem,
      makeDirectory(path: string, options: { readonly recursive: boolean }) {
        if (!options.recursive && taken.length < 3) {
          taken.push(path);
          failing('EEXIST')();
        }
        nodeFileSystem.makeDirectory(path, options);
      },
    };
    const folder = await createRunFolder({ directory, name: 'a', clock, fileSystem });
    expect(taken).toHaveLength(3);
    expect(statSync(folder.directory).isDirectory()).toBe(true);
  });

  it('gives up where no id is ever free', async () => {
    const fileSystem = {
      ...nodeFileSystem,
      makeDirectory: (_path: string, { recursive }: { readonly recursive: boolean }) =>
        recursive ? undefined : failing('EEXIST')(),
    };
    await expect(createRunFolder({ directory, name: 'a', clock, fileSystem })).rejects.toMatchObject({
      code: 'FEDX_STORAGE_FAILED',
    });
  });

  it('keeps any experiment name within the folder of runs', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom('../../x', 'a/b', '', '..', '비균질 실험', 'x'.repeat(500)),
        ),
        async (name) => {
          const folder = await createRunFolder({ directory, name, clock });
          expect(dirname(folder.directory)).toBe(join(directory, '.fedx', 'runs'));
          expect(statSync(folder.directory).isDirectory()).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keeps letters of any script in the id', async () => {
    const folder = await createRunFolder({ directory, name: '비균질 / 실험', clock });
    expect(folder.id).toMatch(/^20261123-093201-비균질-실험-[0-9a-f]{4}$/u);
  });

  it('says which path is not a folder', async () => {
    writeFileSync(join(directory, '.fedx'), 'a file');
    const error = createRunFolder({ directory, name: 'a', clock });
    await expect(error).rejects.toMatchObject({ code: 'FEDX_STORAGE_FAILED' });
    await expect(error).rejects.toThrow(join(directory, '.fedx', 'runs'));
  });

  it('says that the file system is read-only', async () => {
    const fileSystem = { ...nodeFileSystem, makeDirectory: failing('EROFS') };
    await expect(createRunFolder({ directory, name: 'a', clock, fileSystem })).rejects.toThrow(
      `Cannot create ${join(directory, '.fedx', 'runs')}: the file system is read-only (EROFS).`,
    );
  });
});

describe('a run folder', () => {
  it('makes the folders above the file it writes', async () => {
    const folder = await createRunFolder({ directory, name: 'a', clock });
    const path = await folder.writeFile(runPaths.model('federated', 'model.onnx'), Uint8Array.of(1, 2, 3));
    expect(path).toBe(join(folder.directory, 'arms', 'federated', 'model', 'model.onnx'));
    expect([...readFileSync(path)]).toEqual([1, 2, 3]);
  });

  it('replaces a file and leaves no temporary one behind', async () => {
    const folder = await createRunFolder({ directory, name: 'a', clock });
    await folder.writeFile(runPaths.spec, 'name: first, and longer\n');
    await folder.writeFile(runPaths.spec, 'name: second\n');
    expect(readFileSync(folder.path(runPaths.spec), 'utf8')).toBe('name: second\n');
    expect(readdirSync(folder.directory)).toEqual(['spec.resolved.yaml']);
  });

  it('keeps the old file whole where the disk fills up halfway through the new one', async () => {
    let room = Number.POSITIVE_INFINITY;
    const fileSystem = {
      ...nodeFileSystem,
      write(descriptor: number, bytes: Uint8Array, position: number) {
        if (room === 0) failing('ENOSPC')();
        const written = nodeFileSystem.write(descriptor, bytes.subarray(0, room), position);
        room -= written;
        return written;
      },
    };
    const folder = await createRunFolder({ directory, name: 'a', clock, fileSystem });
    await folder.writeFile(runPaths.partition, '{"clients":10}');
    room = 5;
    await expect(folder.writeFile(runPaths.partition, '{"clients":20}')).rejects.toThrow(
      `Cannot write ${folder.path(runPaths.partition)}: the disk is full (ENOSPC).`,
    );
    expect(readFileSync(folder.path(runPaths.partition), 'utf8')).toBe('{"clients":10}');
    expect(readdirSync(folder.directory)).toEqual(['partition.json']);
  });

  it.each(['..', '.', '', '../x', `a${sep}b`, '.hidden', '-rf', 'a\0b', 'a\\b'])(
    'refuses %j as the name of an arm or artifact',
    async (name) => {
      const folder = await createRunFolder({ directory, name: 'a', clock });
      expect(() => folder.path(runPaths.model(name, 'model.onnx'))).toThrow(
        expect.objectContaining({ code: 'FEDX_STORAGE_FAILED' }),
      );
      await expect(folder.writeFile(runPaths.artifact(name), '')).rejects.toMatchObject({
        code: 'FEDX_STORAGE_FAILED',
      });
      expect(readdirSync(folder.directory)).toEqual([]);
    },
  );
});
