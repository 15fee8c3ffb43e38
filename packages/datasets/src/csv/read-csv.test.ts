import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '@fedx/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ColumnNames } from './columns.js';
import { readCsv } from './read-csv.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-csv-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function read(text: string | Buffer, names: Partial<ColumnNames> = {}, signal?: AbortSignal): Promise<Dataset> {
  const path = join(folder, 'table.csv');
  await writeFile(path, text);
  return readCsv(path, { label: 'label', delimiter: ',', ...names }, signal ?? new AbortController().signal);
}

describe('readCsv', () => {
  it('reads features, labels and clients, whatever the order of the columns', async () => {
    const dataset = await read('age,label,client,height\n31,b,anna,1.5\n-2e1,a,ben,.25\n7,b,anna,0\n', {
      client: 'client',
    });
    expect(dataset).toMatchObject({ examples: 3, inputShape: [2], classes: 2, scale: 1 });
    expect([...dataset.inputs]).toEqual([31, 1.5, -20, 0.25, 7, 0]);
    expect([...dataset.labels]).toEqual([1, 0, 1]);
    expect(dataset.groups?.names).toEqual(['anna', 'ben']);
    expect([...(dataset.groups?.of ?? [])]).toEqual([0, 1, 0]);
  });

  it('takes the features that it is told, in that order', async () => {
    const dataset = await read('a;b;note;label\n1;2;x;0\n3;4;y;1\n', { features: ['b', 'a'], delimiter: ';' });
    expect([...dataset.inputs]).toEqual([2, 1, 4, 3]);
    expect(dataset).not.toHaveProperty('groups');
  });

  it('orders numerical labels by value, not by their characters', async () => {
    const { labels, classes } = await read('x,label\n1,10\n1,9\n1,2\n1,10\n');
    expect([...labels]).toEqual([2, 1, 0, 2]);
    expect(classes).toBe(3);
  });

  it('reads past a byte-order mark, quotes, Windows lines, empty lines and a missing last line end', async () => {
    const dataset = await read('\ufeff"label","x, ""the"" one"\r\n"a\nb",1\r\n\r\nc,"2"');
    expect([...dataset.inputs]).toEqual([1, 2]);
    expect(dataset.classes).toBe(2);
    expect(dataset.inputs.length).toBe(2);
  });

  it('reads lines that end in a carriage return alone', async () => {
    const { inputs, labels } = await read('x,label\r1,a\r2,b\r');
    expect([...inputs]).toEqual([1, 2]);
    expect([...labels]).toEqual([0, 1]);
  });

  it('reads UTF-16 that a byte-order mark announces', async () => {
    const { inputs, labels } = await read(Buffer.from('\ufeffx,label\n1,ü\n2,ä\n', 'utf16le'));
    expect([...inputs]).toEqual([1, 2]);
    expect([...labels]).toEqual([1, 0]);
  });

  it('leaves out spaces around the names of columns, as around labels and clients', async () => {
    const { inputs, labels, groups } = await read(' x , label, who\n1, b, anna\n2,a,anna \n', {
      client: 'who',
      features: ['x'],
    });
    expect([...inputs]).toEqual([1, 2]);
    expect([...labels]).toEqual([1, 0]);
    expect(groups?.names).toEqual(['anna']);
  });

  it('takes ways to write one number for labels of their own', async () => {
    expect((await read('x,label\n1,1\n2,1.0\n3,01\n')).classes).toBe(3);
  });

  it('gives another digest to another file and to other columns of the same', async () => {
    const text = 'a,b,label\n1,2,0\n3,4,1\n';
    const digests = [
      await read(text),
      await read(text.replace('4', '5')),
      await read(text, { features: ['a'] }),
      await read(text, { features: ['b'] }),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(4);
    expect((await read(text)).digest).toBe(digests[0]);
  });

  it('gives back what was written', async () => {
    const rows = fc.array(fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.nat(5)), {
      minLength: 2,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(rows, async (list) => {
        fc.pre(new Set(list.map(([, label]) => label)).size > 1);
        const { inputs, labels } = await read(`x,label\n${list.map(([x, label]) => `${x},${label}`).join('\n')}`);
        expect([...inputs]).toEqual(list.map(([x]) => (Object.is(x, -0) ? 0 : x)).map((x) => Math.fround(x)));
        const sorted = [...new Set(list.map(([, label]) => label))].sort((a, b) => a - b);
        expect([...labels]).toEqual(list.map(([, label]) => sorted.indexOf(label)));
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, string, number, string, Partial<ColumnNames>?]>([
    ['a ragged row, too short', 'x,y,label\n1,2,a\n1,b\n', 3, 'the row has 2 values, but the header has 3'],
    ['a ragged row, too long', 'x,label\n1,a\n1,b,c\n', 3, 'the row has 3 values, but the header has 2'],
    ['a missing label', 'x,label\n1,a\n2,\n', 3, 'the row has no label'],
    ['a missing client', 'x,label,who\n1,a,\n', 2, 'the row has no client', { client: 'who' }],
    ['text in a number', 'x,y,label\n1,2,a\n1,two,b\n', 3, 'the column "y" has "two"'],
    ['an empty number', 'x,label\n,a\n', 2, 'the column "x" has ""'],
    ['text in a column without a name', ',label\nz,a\n', 2, 'the column number 1 has "z"'],
    ['a number that float32 cannot hold', 'x,label\n1e39,a\n', 2, 'the column "x" has "1e39"'],
    ['a hexadecimal number', 'x,label\n0x10,a\n', 2, 'the column "x" has "0x10"'],
    ['NaN', 'x,label\nNaN,a\n', 2, 'the column "x" has "NaN"'],
    ['a line after one that spans several', 'x,label\n1,"a\nb"\nz,b\n', 4, 'the column "x" has "z"'],
    ['a quote that is not closed', 'x,label\n1,a\n1,"b\n2,c\n3,d\n', 3, 'the quote that opens on this line'],
    ['the same after other quotes', 'x,label\r\n1,"a\r\nb"\r\n"","b ""c""\r\n2,c\r\n', 4, 'is never closed'],
    ['a quote within quotes', 'x,label\n1,"a"b"\n', 2, 'more text follows the quote'],
    ['a quote within a value', 'x,label\n1,a"b"\n', 2, 'there is a quote within a value'],
    ['no column of labels', 'x,y\n1,2\n', 1, 'there is no column "label"; there are x, y'],
    ['no such feature', 'x,label\n1,2\n', 1, 'there is no column "z"', { features: ['z'] }],
    ['a column twice', 'x,x,label\n1,2,a\n', 1, 'the column "x" twice'],
    ['nothing but labels', 'label\na\nb\n', 1, 'no column of numbers'],
    ['a header alone', 'x,label\n', 1, 'no rows below a header'],
    ['an empty file', '', 1, 'no rows below a header'],
    ['one label only', 'x,label\n1,a\n2,a\n', 1, 'every row has the label "a"'],
    [
      'too many labels',
      `x,label\n${Array.from({ length: 257 }, (_, i) => `1,${i}`).join('\n')}`,
      1,
      'the column of labels, "label", has more than 256 different labels; "256" on line 258 is the first too many',
    ],
  ])('refuses %s, with its line', async (_, text, line, message, names = {}) => {
    await expect(read(text, names)).rejects.toMatchObject({
      code: 'FEDX_DATA_CORRUPT',
      message: expect.stringContaining(message),
      place: { file: join(folder, 'table.csv'), line },
    });
  });

  it.each([
    ['Windows-1252', Buffer.from('x,label\n1,a\n2,\xfc\n3,\xe4\n', 'latin1'), 3],
    ['Windows-1252 with lines that end in a carriage return', Buffer.from('x,label\r1,a\r2,\xfc\r', 'latin1'), 3],
    ['UTF-16 of the other byte order', Buffer.from('\ufeffx,label\n1,a\n', 'utf16le').swap16(), 1],
    ['UTF-8 that ends within a character', Buffer.from('x,label\n1,a\n2,\xc3', 'latin1'), 3],
  ])('refuses %s, with its line', async (_, bytes, line) => {
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'FEDX_DATA_CORRUPT',
      message: expect.stringContaining('the line is not UTF-8'),
      place: { line },
      hint: expect.stringContaining('Save the file as UTF-8'),
    });
  });

  it('tells a character that lies on both sides of the first MB from bytes that are no UTF-8', async () => {
    for (const shift of ['', 'x', 'xx', 'xxx']) {
      const text = `x${shift},label\n1,${'😀'.repeat(300_000)}\n2,a\n`;
      expect((await read(text)).classes).toBe(2);
      const flawed = Buffer.concat([Buffer.from(text), Buffer.from('1,\xfc\n', 'latin1')]);
      await expect(read(flawed)).rejects.toMatchObject({ place: { line: 4 } });
    }
  });

  it.each([
    ['label', { features: ['x', 'label'] }],
    ['client', { client: 'who', features: ['who', 'x'] }],
  ])('refuses the column of dataset.%s among the features', async (option, names) => {
    await expect(read('x,label,who\n1,0,2\n2,1,3\n', names)).rejects.toMatchObject({
      code: 'FEDX_SPEC_INVALID',
      message: expect.stringContaining(`which is the column of dataset.${option}.`),
    });
  });

  it.each([
    [{}, 'Set dataset.client to "who" if it says whose example a row is, or list the columns of numbers in'],
    [{ client: 'x' }, 'List the columns of numbers in dataset.features, or mend the line.'],
    [{ features: ['who'] }, 'Take "who" out of dataset.features, or mend the line.'],
  ])('advises on the column where the first row has no number in it, with %j', async (names, hint) => {
    await expect(read('x,label,who\n1,0,anna\n', names)).rejects.toMatchObject({
      hint: expect.stringContaining(hint),
    });
  });

  it('says that there is no file', async () => {
    const reading = readCsv(join(folder, 'none.csv'), { label: 'label', delimiter: ',' }, new AbortController().signal);
    await expect(reading).rejects.toMatchObject({ code: 'FEDX_DATA_NOT_FOUND' });
  });

  it('stops when it is interrupted', async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(read('x,label\n1,a\n', {}, controller.signal)).rejects.toMatchObject({ code: 'FEDX_RUN_INTERRUPTED' });
  });
});
