/** The report: Markdown tables, and for each promise whether it is kept. */
import { readFile, writeFile } from 'node:fs/promises';
import { median, type Series, spread } from './statistics.js';

/** A figure that was promised, and the one that was reached. */
export interface Verdict {
  readonly what: string;
  readonly promised: string;
  readonly reached: string;
  readonly met: boolean;
}

export interface Section {
  readonly title: string;
  /** Markdown: tables and remarks. */
  readonly body: readonly string[];
  readonly verdicts: readonly Verdict[];
  readonly versions: Readonly<Record<string, string>>;
}

/** Rounded to three figures, e.g. `118`, `0.94`, `0.0871`, `2,240`. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  return Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(Math.abs(value) >= 1 ? 3 : 2)));
}

export function atMost(what: string, limit: number, value: number, unit: string): Verdict {
  return { what, promised: `at most ${figure(limit)}${unit}`, reached: figure(value) + unit, met: value <= limit };
}

export function atLeast(what: string, limit: number, value: number, unit: string): Verdict {
  return { what, promised: `at least ${figure(limit)}${unit}`, reached: figure(value) + unit, met: value >= limit };
}

export interface Row {
  readonly name: string;
  readonly series: Series;
  /** How the row compares, in the table's words. */
  readonly comparison?: string;
}

/** Medians, quartiles' spread and extremes of each row. */
export function seriesTable(unit: string, comparison: string, rows: readonly Row[]): string {
  return table(
    ['', `median, ${unit}`, 'spread', 'lowest', 'highest', comparison],
    rows.map(({ name, series, comparison: compared = '' }) => [
      name,
      figure(median(series)),
      `${Math.round(spread(series) * 100)} %`,
      figure(Math.min(...series)),
      figure(Math.max(...series)),
      compared,
    ]),
  );
}

/** A table in Markdown. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function verdictTable(verdicts: readonly Verdict[]): string {
  return table(
    ['promised', '', 'reached', ''],
    verdicts.map(({ what, promised, reached, met }) => [what, promised, reached, met ? 'met' : '**missed**']),
  );
}

export function renderReport(heading: string, sections: readonly Section[]): string {
  const versions = [...new Map(sections.flatMap((section) => Object.entries(section.versions)))];
  const verdicts = sections.flatMap((section) => section.verdicts);
  return [
    heading,
    ...(versions.length === 0 ? [] : [`Versions: ${versions.map((entry) => entry.join(' ')).join(', ')}.`]),
    ...(verdicts.length === 0 ? [] : [verdictTable(verdicts)]),
    ...sections.flatMap(({ title, body }) => [`#### ${title}`, ...body]),
  ].join('\n\n');
}

/** Puts a bench's report between its markers in a Markdown file, in place of the one before. */
export async function writeBetweenMarkers(file: string, bench: string, report: string): Promise<void> {
  const markers = {
    begin: `<!-- ${bench}: written by npm run bench -- ${bench} --write -->`,
    end: `<!-- end of ${bench} -->`,
  };
  const text = await readFile(file, 'utf8');
  const begin = text.indexOf(markers.begin);
  const end = text.indexOf(markers.end);
  if (begin === -1 || end < begin) throw new Error(`${file} has no place for the results: ${markers.begin}`);
  const before = text.slice(0, begin + markers.begin.length);
  await writeFile(file, `${before}\n\n${report}\n\n${text.slice(end)}`);
}
