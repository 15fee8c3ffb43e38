import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coloured } from './paint.js';
import { type Column, renderTableWithin } from './table.js';

const columns: readonly Column[] = [
  { heading: 'run', align: 'left' },
  { heading: 'seconds', align: 'right', rank: 2 },
  { heading: 'arms', align: 'left', rank: 1 },
  { heading: 'changed', align: 'left', least: 8 },
];
const long = [['20261123-a', '1.5', 'federated iid', 'strategy.mu=0.1']];
const short = [['20261123-a', '1.5', 'federated iid', 'mu=0.1']];

const lines = async (width: number, wordings = [long, short]) =>
  (await renderTableWithin(width, columns, wordings)).split('\n');

describe('a table on a narrow terminal', () => {
  it('has the widest wording that fits', async () => {
    // 10 + 7 + 13 + 15 and three gaps of 2.
    expect(await lines(51)).toEqual([
      'run         seconds  arms           changed',
      '20261123-a      1.5  federated iid  strategy.mu=0.1',
    ]);
    expect((await lines(50))[1]).toBe('20261123-a      1.5  federated iid  mu=0.1');
  });

  it('cuts what may be cut from the right, as far as it must be', async () => {
    expect((await lines(49, [long]))[1]).toBe('20261123-a      1.5  federated iid  strategy.mu=…');
    expect((await lines(44, [long]))[1]).toBe('20261123-a      1.5  federated iid  strateg…');
  });

  it('leaves out the least important columns where that is not enough, and no more of them', async () => {
    expect(await lines(37, [long])).toEqual(['run         seconds  changed', '20261123-a      1.5  strategy.mu=0.1']);
    expect(await lines(20, [long])).toEqual(['run         changed', '20261123-a  strateg…']);
    // At last, what would be kept is cut too.
    expect(await lines(18, [long])).toEqual(['run       changed', '2026112…  strateg…']);
  });

  it('measures what is seen of colours', async () => {
    const painted = [[coloured('green', '20261123-a'), '1.5', 'federated iid', 'strategy.mu=0.1']];
    expect((await lines(51, [painted]))[0]).toBe('run         seconds  arms           changed');
  });

  it('has no line that is wider, as long as its narrowest form is not, and never breaks a row', async () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(word, word, word, word), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 18, max: 120 }),
        async (rows, width) => {
          const drawn = await lines(width, [rows]);
          expect(drawn).toHaveLength(rows.length + 1);
          for (const line of drawn) expect(line.length).toBeLessThanOrEqual(width);
        },
      ),
      { numRuns: 40 },
    );
  });
});
