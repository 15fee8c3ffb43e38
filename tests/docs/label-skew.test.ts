import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { strategies, tuningSeed } from '../../experiments/studies/label-skew/design.js';
import { figures } from '../../experiments/studies/label-skew/figures.js';
import { withTables } from '../../experiments/studies/label-skew/page.js';
import {
  chosenSetting,
  readRecords,
  type StudyRecord,
  trialsOf,
} from '../../experiments/studies/label-skew/records.js';
import { tables } from '../../experiments/studies/label-skew/tables.js';

const docs = new URL('../../docs/', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, docs), 'utf8');

let records: readonly StudyRecord[];

beforeAll(async () => {
  records = await readRecords();
});

describe('the study of clients that lack labels', () => {
  it('shows the tables that its results make (npx jiti experiments/studies/label-skew.ts report)', () => {
    const page = read('studies/label-skew.md');
    expect(withTables(page, tables(records))).toBe(page);
  });

  it('shows the figures that its results make', () => {
    for (const { name, svg } of figures(records)) expect(svg, name).toBe(read(`figures/${name}.svg`));
  });

  it('gave every strategy of a part the same number of trials', () => {
    const cells = new Set(records.flatMap((record) => (record.type === 'test' ? [record.cell] : [])));
    cells.delete('centralized');
    for (const cell of cells) {
      const counts = strategies.map(
        (use) => trialsOf(records, cell).filter(({ strategy }) => strategy.use === use).length,
      );
      expect(new Set(counts), cell).toEqual(new Set([6]));
    }
  });

  it('tested what was best on the validation images, on seeds that had no say in it', () => {
    const tested = records.filter((record) => record.type === 'test');
    expect(tested.length).toBeGreaterThan(0);
    for (const { cell, rate, seed, strategy } of tested) {
      expect({ rate, strategy }, cell).toMatchObject({
        rate: chosenSetting(records, cell, strategy.use)?.rate,
        strategy: chosenSetting(records, cell, strategy.use)?.strategy,
      });
      expect(seed).not.toBe(tuningSeed);
    }
  });
});
