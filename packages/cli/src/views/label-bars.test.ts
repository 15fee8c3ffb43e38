import { describe, expect, it } from 'vitest';
import { renderLabelBars } from './label-bars.js';
import { type Paint, plain, type TextStyle } from './paint.js';

/** Two clients of three labels. The figures take 38 columns, so that 58 leave 20 for the bars. */
const table = {
  labels: [
    [50, 50, 0],
    [10, 10, 30],
  ],
  train: [80, 40],
  test: [20, 10],
};

/** Marks each background by a letter of its name. */
const lettered: Paint = (style: TextStyle, text) =>
  style.startsWith('bg') ? `<${style.slice(2, 3).toLowerCase()}${text}>` : text;

describe('renderLabelBars', () => {
  it('draws a piece a label, as wide as its examples are many, and the largest client over the whole width', () => {
    expect(renderLabelBars(table, lettered, 58)?.split('\n')).toEqual([
      'labels  <r 0 ><g 1 ><y 2 >',
      `client  ${' '.repeat(20)}  total  dominant  train  test`,
      '     0  <r    0     ><g    1     >    100    50.0 %     80    20',
      // 10, 10 and 30 of 100 examples on 20 columns: 2, 2 and 6.
      '     1  <r  ><g  ><y  2   >               50    60.0 %     40    10',
    ]);
  });

  it('fills exactly the columns that there are', () => {
    for (const columns of [58, 80, 133]) {
      const lines = renderLabelBars(table, plain, columns)?.split('\n') ?? [];
      expect(lines.slice(1).map(({ length }) => length)).toEqual([columns, columns, columns]);
    }
  });

  it('gives up where there is no room for a bar', () => {
    expect(renderLabelBars(table, plain, 47)).toBeUndefined();
    expect(renderLabelBars(table, plain, 48)).toBeDefined();
  });

  it('has an empty bar for a client without examples', () => {
    const empty = renderLabelBars({ labels: [[0, 0]], train: [0], test: [0] }, lettered, 60);
    expect(empty?.split('\n')[2]).toMatch(/^ {5}0 +0 +– +0 +0$/);
  });

  it('has colours for any number of labels', () => {
    const many = { labels: [new Array<number>(100).fill(1)], train: [80], test: [20] };
    expect(renderLabelBars(many, lettered, 200)).toMatch(/<. 98 >/);
  });
});
