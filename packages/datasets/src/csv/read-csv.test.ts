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
    ['text in a number', 'x,y,label\n1,2,a\n1,two,b\n', 3, 'column 2 has "two"'],
    ['an empty number', 'x,label\n,a\n', 2, 'column 1 has ""'],
    ['a number that float32 cannot hold', 'x,label\n1e39,a\n', 2, 'column 1 has "1e39"'],
    ['a hexadecimal number', 'x,label\n0x10,a\n', 2, 'column 1 has "0x10"'],
    ['NaN', 'x,label\nNaN,a\n', 2, 'column 1 has "NaN"'],
    ['a line after one that spans several', 'x,label\n1,"a\nb"\nz,b\n', 4, 'column 1 has "z"'],
    ['a broken quote', 'x,label\n1,a\n1,"b\n2,c\n', 4, 'Quote Not Closed'],
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
      258,
      'label number 257',
    ],
  ])('refuses %s, with its line', async (_, text, line, message, names = {}) => {
    await expect(read(text, names)).rejects.toMatchObject({
      code: 'FEDX_DATA_CORRUPT',
      message: expect.stringContaining(message),
      place: { file: join(folder, 'table.csv'), line },
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
