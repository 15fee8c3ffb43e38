import { describe, expect, it } from 'vitest';
import { drawHeatmap } from './heatmap.js';

const axis = (name: string, count: number) => ({ name, labels: Array.from({ length: count }, (_, i) => String(i)) });

describe('drawHeatmap', () => {
  it('draws a cell and its number for each value, row 0 on top', async () => {
    const svg = await drawHeatmap({
      title: 'A & B',
      rows: axis('client', 2),
      columns: axis('label', 3),
      values: [
        [101, 102, 103],
        [104, 105, 106],
      ],
    });
    expect(svg).toMatch(/^<svg [^]*<\/svg>$/);
    expect(svg).toContain('A &amp; B');
    const heightOf = (value: number): number =>
      Number(new RegExp(`translate\\([\\d.]+ ([\\d.]+)\\)"[^>]*>${value}<`).exec(svg)?.[1]);
    expect(heightOf(101)).toBe(heightOf(103));
    expect(heightOf(101)).toBeLessThan(heightOf(104));
  });

  it('leaves numbers out where cells have no room for them, and draws zeros', async () => {
    const svg = await drawHeatmap({
      title: 'wide',
      rows: axis('true class', 1),
      columns: axis('predicted class', 30),
      values: [Array.from({ length: 30 }, () => 7777)],
    });
    expect(svg).not.toContain('7777');
    await expect(
      drawHeatmap({ title: 'zeros', rows: axis('a', 1), columns: axis('b', 1), values: [[0]] }),
    ).resolves.toContain('zeros');
  });
});
