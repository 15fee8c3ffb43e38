import { dirname, resolve } from 'node:path';

/** A text that spec values come from: a spec file, or one `path=value` argument. */
export interface Source {
  readonly kind: 'file' | 'argument';
  /** What diagnostics call it: the file's path, or the argument itself. */
  readonly name: string;
  /** Without a byte order mark. */
  readonly text: string;
  /** The order in which diagnostics are shown: the file, what it extends, then the arguments. */
  readonly order: number;
}

/** A piece of a source, as offsets into its text; `to` is exclusive. */
export interface Span {
  readonly source: Source;
  readonly from: number;
  readonly to: number;
}

/** A place in a text as editors count it, both from 1; columns count UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Above the order of any file: a spec extends few. */
const firstArgument = 1000;

/** A spec file as a source; a byte order mark is dropped, so that columns start at the text. */
export function fileSource(file: string, text: string, order = 0): Source {
  return { kind: 'file', name: file, text: text.startsWith('\uFEFF') ? text.slice(1) : text, order };
}

/** Argument `index` of the command line as a source. */
export function argumentSource(argument: string, index: number): Source {
  return { kind: 'argument', name: argument, text: argument, order: firstArgument + index };
}

/** The folder of a spec file, absolute. */
export function folderOf(file: string): string {
  return dirname(resolve(file));
}

/** Where each line of a source starts; looked up very often where a spec has very many errors. */
const lineStarts = new WeakMap<Source, readonly number[]>();

function startsOf(source: Source): readonly number[] {
  const known = lineStarts.get(source);
  if (known !== undefined) return known;
  const starts = [0];
  for (let end = source.text.indexOf('\n'); end !== -1; end = source.text.indexOf('\n', end + 1)) starts.push(end + 1);
  lineStarts.set(source, starts);
  return starts;
}

/** The position of `offset` in a source; lines end with `\n` or `\r\n`. */
export function positionOf(source: Source, offset: number): Position {
  const starts = startsOf(source);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

/** The line of a source that holds `offset`, without its line end. */
export function lineAt({ text }: Source, offset: number): string {
  const start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end === -1 ? text.length : end).replace(/\r$/, '');
}
