import { stripVTControlCharacters } from 'node:util';

/** A column: its heading, and which side its cells keep to. */
export interface Column {
  readonly heading: string;
  readonly align: 'left' | 'right';
  /** Where a line is too narrow: cells may be cut to so many characters, those of the last such column first. */
  readonly least?: number;
  /** Where that does not do: columns that say this are left out, the lowest first. The others may be cut at last. */
  readonly rank?: number;
}

type Rows = readonly (readonly string[])[];

const NO_BORDERS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((name) => [name, name === 'middle' ? '  ' : '']),
);

/** What is left of a cell at last. */
const STUB = 8;

/** What stands between two columns. */
const GAP = 2;

/** A table without borders, columns two spaces apart. */
export function renderTable(columns: readonly Column[], rows: Rows): Promise<string> {
  return render(columns, rows, []);
}

/**
 * A table of lines of at most `width`: the first of some wordings that fits, the widest first; else the last one with the least
 * important columns left out and cells cut short, which `…` shows.
 */
export function renderTableWithin(
  width: number,
  columns: readonly Column[],
  wordings: readonly Rows[],
): Promise<string> {
  const last = wordings.at(-1) ?? [];
  const fitting = wordings.find((rows) => totalOf(widthsOf(columns, rows)) <= width);
  if (fitting !== undefined) return renderTable(columns, fitting);

  const natural = widthsOf(columns, last);
  const least = natural.map((size, index) => Math.min(size, columns[index]?.least ?? size));
  const kept = new Set(columns.keys());
  const droppable = [...columns.entries()].filter(([, { rank }]) => rank !== undefined);
  for (const [index] of droppable.toSorted(([, a], [, b]) => (a.rank ?? 0) - (b.rank ?? 0))) {
    if (totalOf(least.filter((_, at) => kept.has(at))) <= width) break;
    kept.delete(index);
  }
  if (totalOf(least.filter((_, at) => kept.has(at))) > width)
    for (const [index, size] of least.entries()) least[index] = Math.min(size, STUB);
  const pick = <Item>(items: readonly Item[]): Item[] => items.filter((_, index) => kept.has(index));
  const sizes = pick(natural);
  let excess = totalOf(sizes) - width;
  for (const [index, floor] of [...pick(least).entries()].reverse()) {
    const cut = Math.min(Math.max(0, excess), (sizes[index] ?? 0) - floor);
    sizes[index] = (sizes[index] ?? 0) - cut;
    excess -= cut;
  }
  return render(pick(columns), last.map(pick), sizes);
}

/** The widest cell of each column, its heading included. */
function widthsOf(columns: readonly Column[], rows: Rows): number[] {
  return columns.map(({ heading }, index) =>
    rows.reduce(
      (widest, row) => Math.max(widest, stripVTControlCharacters(row[index] ?? '').length),
      stripVTControlCharacters(heading).length,
    ),
  );
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, size) => sum + size, GAP * Math.max(0, widths.length - 1));
}

async function render(columns: readonly Column[], rows: Rows, widths: readonly number[]): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    head: columns.map(({ heading }) => heading),
    colAligns: columns.map(({ align }) => align),
    colWidths: [...widths],
    chars: NO_BORDERS,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
