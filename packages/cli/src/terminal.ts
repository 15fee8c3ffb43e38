/** A stream that text is written to: stdout or stderr, or a test's own. */
export type TextStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  /** Width of the terminal; absent elsewhere. */
  readonly columns?: number;
  /** Whether the terminal shows colours, and the user wants them (NO_COLOR). */
  hasColors?(): boolean;
};

/** How many characters a line holds: of a file or pipe, and of pseudo-terminals that say none, as many as terminals once had. */
export function widthOf({ columns = 0 }: TextStream): number {
  return columns > 0 ? columns : 80;
}

/** Where a command writes. */
export interface Terminal {
  /** Results and progress. */
  readonly stdout: TextStream;
  /** Errors and warnings. */
  readonly stderr: TextStream;
}

/** How a command writes: for people, as one JSON document, or only what went wrong. */
export type OutputMode = 'text' | 'json' | 'quiet';

/** Writes `text` and ends the line. */
export function writeLine(stream: TextStream, text: string): void {
  stream.write(`${text}\n`);
}

/** Writes `document` as the one JSON document of the command. */
export function writeJson(stream: TextStream, document: unknown): void {
  writeLine(stream, JSON.stringify(document, null, 2));
}
