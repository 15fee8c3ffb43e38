/** A text that spec values come from: the spec file, or one `path=value` argument. */
export interface Source {
  /** What diagnostics call it: the file's path, or the argument itself. */
  readonly name: string;
  /** Without a byte order mark. */
  readonly text: string;
  /** 0 for the file, then 1, 2, … for the arguments: the order in which diagnostics are shown. */
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

/** The spec file as a source; a byte order mark is dropped, so that columns start at the text. */
export function fileSource(file: string, text: string): Source {
  return { name: file, text: text.startsWith('\uFEFF') ? text.slice(1) : text, order: 0 };
}

/** The position of `offset` in `text`; lines end with `\n` or `\r\n`. */
export function positionOf(text: string, offset: number): Position {
  let line = 1;
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return { line, column: offset - start + 1 };
}

/** The line of `text` that holds `offset`, without its line end. */
export function lineAt(text: string, offset: number): string {
  const start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end === -1 ? text.length : end).replace(/\r$/, '');
}
