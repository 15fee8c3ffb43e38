import type { PartitionTable } from '@fedx/core/host';
import { formatCount, formatShare } from './figures.js';
import type { Paint, TextStyle } from './paint.js';

/** Colours of the labels, neighbours well apart; with more labels than colours they come round again. */
const colours = [
  ...['bgRed', 'bgGreen', 'bgYellow', 'bgBlue', 'bgMagenta', 'bgCyan', 'bgWhite'],
  ...['bgRedBright', 'bgGreenBright', 'bgBlueBright', 'bgMagentaBright', 'bgCyanBright', 'bgYellowBright', 'bgGray'],
] as const satisfies readonly TextStyle[];

/** A narrower bar shows nothing. */
const NARROWEST = 10;

/**
 * A bar for each client: as long as the client is large, in a piece a label, as wide as the client has examples of it. At
 * most `columns` wide; undefined where that leaves too little room.
 */
export function renderLabelBars(
  { labels, train, test }: Pick<PartitionTable, 'labels' | 'train' | 'test'>,
  paint: Paint,
  columns: number,
): string | undefined {
  const totals = labels.map((counts) => counts.reduce((sum, count) => sum + count, 0));
  const largest = Math.max(1, ...totals);
  const figures = labels.map((counts, client) => {
    const total = totals[client] ?? 0;
    const dominant = total === 0 ? '–' : formatShare(Math.max(...counts) / total);
    return [String(client), formatCount(total), dominant, String(train[client] ?? 0), String(test[client] ?? 0)];
  });
  const headings = ['client', 'total', 'dominant', 'train', 'test'];
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...figures.map((row) => row[column]?.length ?? 0)),
  );
  const width = columns - widths.reduce((sum, each) => sum + each + 2, 0);
  if (width < NARROWEST) return undefined;

  const line = (cells: readonly string[], bar: string): string => {
    const [client = '', ...others] = cells.map((cell, column) => cell.padStart(widths[column] ?? 0));
    return [client, bar, ...others].join('  ');
  };
  const rows = labels.map((counts, client) => {
    const { text, length } = bar(counts, width / largest, paint);
    return line(figures[client] ?? [], text + ' '.repeat(width - length));
  });
  const classes = labels[0]?.length ?? 0;
  const legend = Array.from({ length: classes }, (_, label) => block(label, ` ${label} `, paint)).join('');
  return [`labels  ${legend}`, line(headings, ' '.repeat(width)), ...rows].join('\n');
}

/** The pieces of one client; `scale` is columns an example. Ends are rounded, not widths, so that errors do not add up. */
function bar(
  counts: readonly number[],
  scale: number,
  paint: Paint,
): { readonly text: string; readonly length: number } {
  let seen = 0;
  let length = 0;
  let text = '';
  counts.forEach((count, label) => {
    seen += count;
    const width = Math.round(seen * scale) - length;
    length += width;
    if (width > 0) text += block(label, middle(String(label), width), paint);
  });
  return { text, length };
}

/** `text` in the middle of `width` columns, or nothing where it does not fit with a column on either side. */
function middle(text: string, width: number): string {
  if (text.length + 2 > width) return ' '.repeat(width);
  const before = Math.floor((width - text.length) / 2);
  return text.padStart(before + text.length).padEnd(width);
}

function block(label: number, text: string, paint: Paint): string {
  return paint(colours[label % colours.length] ?? 'bgGray', paint('black', text));
}
