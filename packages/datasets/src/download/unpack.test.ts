import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { create } from 'tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTar, unzipOnce } from './index.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-unpack-'));
});

afterEach(() => rm(folder, { recursive: true }));

const watch = { signal: new AbortController().signal, log: () => undefined };

describe('readTar', () => {
  it('reads the members that it is asked for, wherever they lie', async () => {
    for (const name of ['a.bin', 'b.bin', 'c.bin']) await writeFile(join(folder, name), `content of ${name}`);
    const file = join(folder, 'archive.tar.gz');
    await create({ file, gzip: true, cwd: folder, prefix: 'inside' }, ['a.bin', 'b.bin', 'c.bin']);
    const members = await readTar(file, ['c.bin', 'a.bin']);
    expect([...members].map(([name, bytes]) => [name, bytes.toString()])).toEqual([
      ['a.bin', 'content of a.bin'],
      ['c.bin', 'content of c.bin'],
    ]);
  });

  it('refuses an archive that is truncated, or lacks a member', async () => {
    await writeFile(join(folder, 'a.bin'), 'x'.repeat(5000));
    const file = join(folder, 'archive.tar.gz');
    await create({ file, gzip: true, cwd: folder }, ['a.bin']);
    await expect(readTar(file, ['a.bin', 'b.bin'])).rejects.toMatchObject({
      code: 'FEDX_DATA_CORRUPT',
      message: expect.stringContaining('holds no b.bin'),
    });
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 20));
    await expect(readTar(file, ['a.bin'])).rejects.toMatchObject({ code: 'FEDX_DATA_CORRUPT' });
  });
});

describe('unzipOnce', () => {
  it('unpacks the members that it is asked for into one folder, and only once', async () => {
    const file = join(folder, 'archive.zip');
    await writeFile(file, zip({ 'gzip/a.gz': 'first', 'gzip/b.gz': 'second', 'gzip/c.gz': 'third' }));
    const unpacked = await unzipOnce(file, ['a.gz', 'c.gz'], 'some', watch);
    expect((await readdir(unpacked)).sort()).toEqual(['a.gz', 'c.gz']);
    expect(await readFile(join(unpacked, 'c.gz'), 'utf8')).toBe('third');
    await rm(file);
    expect(await unzipOnce(file, ['a.gz', 'c.gz'], 'some', watch)).toBe(unpacked);
  });

  it.each([
    ['lacks a member', (bytes: Buffer) => bytes, 'holds no z.gz', ['z.gz']],
    ['is truncated', (bytes: Buffer) => bytes.subarray(0, 30), 'cannot be unpacked', ['a.gz']],
    ['is no archive', () => Buffer.from('<html>'), 'cannot be unpacked', ['a.gz']],
  ])('leaves no folder behind where the archive %s', async (_, change, message, names) => {
    const file = join(folder, 'archive.zip');
    await writeFile(file, change(zip({ 'gzip/a.gz': 'first' })));
    await expect(unzipOnce(file, names, 'some', watch)).rejects.toMatchObject({
      code: 'FEDX_DATA_CORRUPT',
      message: expect.stringContaining(message),
    });
    expect(await readdir(folder)).toEqual(['archive.zip']);
  });

  it('blames the disk, not the archive, for a file that cannot be written', async () => {
    const file = join(folder, 'archive.zip');
    // Longer than any file system takes.
    const name = 'x'.repeat(300);
    await writeFile(file, zip({ [`gzip/${name}`]: 'first' }));
    await expect(unzipOnce(file, [name], 'some', watch)).rejects.toMatchObject({
      code: 'FEDX_STORAGE_FAILED',
      message: expect.stringContaining('ENAMETOOLONG'),
    });
    expect(await readdir(folder)).toEqual(['archive.zip']);
  });

  it('stops once it is interrupted, and leaves no folder behind', async () => {
    const file = join(folder, 'archive.zip');
    await writeFile(file, zip({ 'gzip/a.gz': 'first' }));
    const interrupt = new AbortController();
    const names = ['a.gz'];
    names.includes = (name) => {
      interrupt.abort();
      return name === 'a.gz';
    };
    const unpacking = unzipOnce(file, names, 'some', { ...watch, signal: interrupt.signal });
    await expect(unpacking).rejects.toMatchObject({ code: 'FEDX_RUN_INTERRUPTED' });
    expect(await readdir(folder)).toEqual(['archive.zip']);
  });
});

/** A zip archive of files that are stored as they are (APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16). */
function zip(members: Readonly<Record<string, string | Buffer>>): Buffer {
  const entries = Object.entries(members).map(([name, content]) => {
    const data = Buffer.from(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    return { name: Buffer.from(name), data, common };
  });
  let offset = 0;
  const central: Buffer[] = [];
  const local = entries.map(({ name, data, common }) => {
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.from([0x50, 0x4b, 1, 2, 20, 0]), common, tail, name);
    const bytes = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), common, name, data]);
    offset += bytes.length;
    return bytes;
  });
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}
