import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry, Metrics, RunEvent } from './events.js';
import { type FileSystem, nodeFileSystem } from './file-system.js';
import { openJournal, reopenJournal } from './journal.js';
import { readJournal } from './journal-reader.js';

let directory = '';
let path = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fedx-journal-'));
  path = join(directory, 'events.jsonl');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const clock = () => 1_000;

function step(arm: string, step: number, metrics: Metrics = { 'test/accuracy': 0.5 }): RunEvent {
  return { type: 'step-completed', arm, step, metrics };
}

const events: readonly RunEvent[] = [
  { type: 'run-started', run: 'r', name: 'n', engine: 'onnx', workers: 2, arms: ['federated', 'iid'] },
  { type: 'arm-started', arm: 'federated', use: 'federated', steps: 2 },
  step('federated', 1),
  { type: 'arm-started', arm: 'iid', use: 'iid', steps: 2 },
  { type: 'warning', message: 'line\nbreak, \u2028 and ünïcode' },
  step('federated', 2),
];

async function writeJournal(
  written: readonly RunEvent[],
  fileSystem: FileSystem = nodeFileSystem,
): Promise<JournalEntry[]> {
  const journal = await openJournal(path, { clock, fileSystem });
  const entries = written.map(journal.append);
  await journal.close();
  return entries;
}

async function readAll(): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const entry of readJournal(path)) entries.push(entry);
  return entries;
}

/** A disk with room for so many bytes, and one that does not even let the file be cut where `stuck`. */
function smallDisk(disk: { room: number; stuck?: boolean }): FileSystem {
  return {
    ...nodeFileSystem,
    write(descriptor, bytes, position) {
      const fits = Math.min(bytes.length, Math.max(0, disk.room - position));
      if (fits === 0) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      return nodeFileSystem.write(descriptor, bytes.subarray(0, fits), position);
    },
    truncate(descriptor, size) {
      if (disk.stuck) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      nodeFileSystem.truncate(descriptor, size);
    },
  };
}

describe('a journal', () => {
  it('never goes back in time, whatever the clock does', async () => {
    const times = [5000, 7000, 1000, 6999, 8000];
    const journal = await openJournal(path, { clock: () => times.shift() ?? 0 });
    for (let i = 1; i <= 5; i++) journal.append(step('federated', i));
    await journal.close();
    expect((await readAll()).map(({ time }) => time)).toEqual([5000, 7000, 7000, 7000, 8000]);
    const { journal: reopened } = await reopenJournal(path, { clock: () => 3000 });
    reopened.append(step('federated', 6));
    await reopened.close();
    expect((await readAll()).at(-1)?.time).toBe(8000);
  });

  it('reads back what was appended, in order', async () => {
    const entries = await writeJournal(events);
    expect(await readAll()).toEqual(entries);
    expect(entries).toMatchObject(events);
  });

  it('counts entries over the run and within each arm', async () => {
    const entries = await writeJournal(events);
    expect(entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(entries.map(({ armSequence }) => armSequence)).toEqual([undefined, 1, 2, 1, undefined, 3]);
    expect(entries.every(({ time }) => time === 1_000)).toBe(true);
  });

  it('keeps each entry as a line of plain JSON with the CRC-32 of what stands before it', async () => {
    await writeJournal([{ type: 'run-completed', seconds: 2 }]);
    // crc32 from Python's zlib.crc32(b'{"sequence":1,"time":1000,"type":"run-completed","seconds":2').
    expect(readFileSync(path, 'utf8')).toBe(
      '{"sequence":1,"time":1000,"type":"run-completed","seconds":2,"crc32":"3136bf37"}\n',
    );
  });

  it('has each entry in the file before append returns', async () => {
    const journal = await openJournal(path, { clock });
    const entry = journal.append(step('federated', 1));
    expect(await readAll()).toEqual([entry]);
    await journal.close();
  });

  it('keeps metrics of any name and value, finite or not', async () => {
    const value = fc.double().map((number) => (Object.is(number, -0) ? 0 : number));
    const metrics = fc.dictionary(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor')),
      value,
      { noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(metrics, { maxLength: 5 }), async (all) => {
        rmSync(path, { force: true });
        await writeJournal(all.map((one, index) => step('federated', index + 1, one)));
        const read = await readAll();
        expect(read.map((entry) => (entry.type === 'step-completed' ? entry.metrics : undefined))).toEqual(all);
      }),
      { numRuns: 50 },
    );
  });

  it('writes what JSON has no number for as strings', async () => {
    await writeJournal([step('iid', 1, { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY })]);
    expect(readFileSync(path, 'utf8')).toContain('"metrics":{"a":"NaN","b":"Infinity","c":"-Infinity"}');
  });

  it('refuses to write over another journal', async () => {
    await writeJournal(events);
    await expect(openJournal(path)).rejects.toMatchObject({ code: 'FEDX_STORAGE_FAILED', place: { file: path } });
  });

  it('waits for a sync under way before it closes', async () => {
    const journal = await openJournal(path, { clock });
    journal.append(step('iid', 1));
    const synced = journal.sync();
    await journal.close();
    await expect(synced).resolves.toBeUndefined();
  });

  it('never trusts a disk again that failed to sync', async () => {
    let failures = 1;
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      sync: (descriptor) =>
        failures-- === 0
          ? Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }))
          : nodeFileSystem.sync(descriptor),
    };
    const journal = await openJournal(path, { clock, fileSystem });
    journal.append(step('iid', 1));
    await expect(journal.sync()).rejects.toMatchObject({ code: 'FEDX_STORAGE_FAILED' });
    await expect(journal.sync()).rejects.toThrow(`Cannot write ${path}: the disk reports an error (EIO).`);
    await expect(journal.close()).rejects.toMatchObject({ code: 'FEDX_STORAGE_FAILED' });
  });
});

describe('a journal on a full disk', () => {
  it('ends with a whole line, wherever in a line the disk fills up', async () => {
    await writeJournal(events);
    const whole = readFileSync(path);
    for (let room = 0; room < whole.length; room += 7) {
      rmSync(path);
      const journal = await openJournal(path, { clock, fileSystem: smallDisk({ room }) });
      expect(() => events.forEach(journal.append)).toThrow(`Cannot write ${path}: the disk is full (ENOSPC).`);
      await journal.close();
      expect(readFileSync(path)).toEqual(whole.subarray(0, whole.subarray(0, room).lastIndexOf('\n') + 1));
    }
  });

  it('takes the next event that fits, and does not count the one that did not', async () => {
    const disk = { room: 120 };
    const journal = await openJournal(path, { clock, fileSystem: smallDisk(disk) });
    expect(() => journal.append({ type: 'warning', message: 'x'.repeat(200) })).toThrow('the disk is full');
    const entry = journal.append({ type: 'run-interrupted' });
    await journal.close();
    expect(entry.sequence).toBe(1);
    expect(await readAll()).toEqual([entry]);
  });

  it('stays readable, and writes over the torn line, where it cannot even be cut', async () => {
    const disk = { room: 250, stuck: true };
    const journal = await openJournal(path, { clock, fileSystem: smallDisk(disk) });
    const first = journal.append(step('iid', 1));
    expect(() => journal.append({ type: 'warning', message: 'x'.repeat(300) })).toThrow('the disk is full');
    expect(await readAll()).toEqual([first]);
    const second = journal.append({ type: 'run-interrupted' });
    await journal.close();
    expect(readFileSync(path)).toHaveLength(250);
    expect(await readAll()).toEqual([first, second]);
  });

  it.runIf(existsSync('/dev/full'))('reports the real error of a device without room', async () => {
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      open: (file, flags) => (file === path ? openSync('/dev/full', 'r+') : nodeFileSystem.open(file, flags)),
    };
    const journal = await openJournal(path, { clock, fileSystem });
    expect(() => journal.append({ type: 'run-interrupted' })).toThrow('the disk is full (ENOSPC)');
  });
});

describe('readJournal', () => {
  it('drops a torn tail, wherever the file was cut', async () => {
    const entries = await writeJournal(events);
    const whole = readFileSync(path);
    for (let size = whole.length - 1; size >= 0; size -= 5) {
      truncateSync(path, size);
      const lines = whole.subarray(0, size).toString('latin1').split('\n').length - 1;
      expect(await readAll()).toEqual(entries.slice(0, lines));
    }
  });

  it('drops a last line that has its newline but not its checksum', async () => {
    const entries = await writeJournal(events);
    const whole = readFileSync(path);
    whole[whole.length - 30] = 0;
    writeFileSync(path, whole);
    expect(await readAll()).toEqual(entries.slice(0, -1));
  });

  it('names the line of any other damage, after the entries before it', async () => {
    const entries = await writeJournal(events);
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.replace('"step":1', '"step":7'));
    const reader = readJournal(path);
    expect((await reader.next()).value).toEqual(entries[0]);
    expect((await reader.next()).value).toEqual(entries[1]);
    await expect(reader.next()).rejects.toMatchObject({ code: 'FEDX_JOURNAL_CORRUPT', place: { file: path, line: 3 } });
  });

  it('takes a changed line for damage even where a torn one follows', async () => {
    await writeJournal(events);
    const bytes = readFileSync(path);
    bytes[bytes.length - 30] = 0;
    writeFileSync(path, Buffer.concat([bytes, Buffer.from('{"sequence":7,"ty')]));
    await expect(readAll()).rejects.toMatchObject({ code: 'FEDX_JOURNAL_CORRUPT', place: { line: events.length } });
  });

  it('finds any changed byte before the last line', async () => {
    await writeJournal(events);
    const whole = readFileSync(path);
    // Without the newline before it, the last line is longer, but still the last.
    const lastLine = whole.lastIndexOf('\n', -2) + 1;
    await fc.assert(
      fc.asyncProperty(fc.nat(lastLine - 2), fc.integer({ min: 1, max: 255 }), async (index, change) => {
        const bytes = Buffer.from(whole);
        bytes[index] = (bytes[index] ?? 0) ^ change;
        writeFileSync(path, bytes);
        await expect(readAll()).rejects.toMatchObject({ code: 'FEDX_JOURNAL_CORRUPT' });
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['missing', [0, 1, 3, 4, 5]],
    ['doubled', [0, 1, 1, 2, 3]],
    ['out of order', [0, 2, 1, 3, 4]],
  ])('refuses a journal with a line %s', async (_, order) => {
    await writeJournal(events);
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, order.map((index) => `${lines[index]}\n`).join(''));
    await expect(readAll()).rejects.toMatchObject({
      code: 'FEDX_JOURNAL_CORRUPT',
      place: { line: 1 + order.findIndex((line, at) => line !== at) },
    });
  });

  it('reads entries larger than what is read at a time', async () => {
    const entries = await writeJournal([...events, { type: 'warning', message: 'ü'.repeat(600_001) }, ...events]);
    expect(await readAll()).toEqual(entries);
  });

  it('reads many entries, and names the line of damage among them', async () => {
    const message = 'ünïcode '.repeat(10);
    const entries = await writeJournal(Array.from({ length: 7000 }, (): RunEvent => ({ type: 'warning', message })));
    expect(await readAll()).toEqual(entries);
    const whole = readFileSync(path, 'latin1');
    writeFileSync(path, whole.replace('"sequence":6500,', '"sequence":6501,'), 'latin1');
    const read: JournalEntry[] = [];
    const reading = (async () => {
      for await (const entry of readJournal(path)) read.push(entry);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'FEDX_JOURNAL_CORRUPT', place: { line: 6500 } });
    expect(read).toEqual(entries.slice(0, 6499));
  });

  it('reads an empty journal as no entries', async () => {
    await writeJournal([]);
    expect(await readAll()).toEqual([]);
  });

  it('says that there is no journal', async () => {
    await expect(readAll()).rejects.toThrow(`Cannot read ${path}: no such file or folder (ENOENT).`);
  });
});
