import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSharedFile, type OwnFile, sharedFile } from './shared-file.js';

let folder = '';
const files: OwnFile[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fedx-shared-file-'));
});

afterEach(() => {
  for (const file of files.splice(0)) file.close();
  rmSync(folder, { recursive: true });
});

function create(folders?: readonly string[]): OwnFile {
  const file = createSharedFile(folders);
  if (file === undefined) throw new Error('No folder would do.');
  files.push(file);
  return file;
}

function allocate(file: OwnFile, length: number): NonNullable<ReturnType<OwnFile['allocate']>> {
  const span = file.allocate(length);
  if (span === undefined) throw new Error('There was no room.');
  return span;
}

/** Values that differ in every byte, not-a-number with a payload among them. */
function bits(length: number, seed: number): Float32Array {
  const words = Uint32Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e3779b1));
  words[0] = 0x7fc0_1234;
  return new Float32Array(words.buffer);
}

const bytes = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);

describe.skipIf(process.platform === 'win32')('createSharedFile', () => {
  it('gives back every bit, through another hold on the same file too, while spans grow in number', () => {
    const file = create();
    const other = sharedFile(file.descriptor);
    const written = [1, 5000, 3, 300_000, 0].map((length, i) => {
      const values = bits(length, i * 7919);
      const span = allocate(file, length);
      expect(file.write(span, values)).toBe(true);
      return { span, values };
    });
    for (const { span, values } of written) {
      const read = new Float32Array(span.length);
      other.read(span, read);
      expect(bytes(read).equals(bytes(values))).toBe(true);
    }
  });

  it('reads into a part of an array, and writes one, without touching the rest', () => {
    const file = create();
    const all = bits(100, 1);
    const span = allocate(file, 10);
    expect(file.write(span, all.subarray(40, 50))).toBe(true);
    const into = new Float32Array(30);
    file.read(span, into.subarray(10, 20));
    expect(bytes(into.subarray(10, 20)).equals(bytes(all.subarray(40, 50)))).toBe(true);
    expect([...into.slice(0, 10), ...into.slice(20)]).toEqual(Array(20).fill(0));
  });

  it('has no name in its folder', () => {
    const file = create([folder]);
    expect(file.write(allocate(file, 1000), bits(1000, 1))).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes the next folder where one is not there or takes no file, and gives up where none will do', () => {
    const closed = join(folder, 'closed');
    writeFileSync(closed, 'a file, no folder');
    const missing = join(folder, 'missing');
    expect(createSharedFile([missing, closed])).toBeUndefined();
    expect(createSharedFile([])).toBeUndefined();
    create([missing, closed, folder]);
  });

  it('gives no span beyond half of the room in its folder', () => {
    const file = create([folder]);
    expect(file.allocate(2 ** 50)).toBeUndefined();
    expect(file.allocate(1)).toEqual({ position: 0, length: 1 });
  });

  it('says in a code that a span was never written', () => {
    const file = create();
    const span = allocate(file, 10);
    expect(() => {
      file.read(span, new Float32Array(10));
    }).toThrow(expect.objectContaining({ code: 'FEDX_WORKER_FAILED' }));
  });
});
