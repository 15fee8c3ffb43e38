import { join } from 'node:path';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';

/** How a command that writes files reports them. */
export interface Created {
  readonly mode: OutputMode;
  readonly terminal: Terminal;
}

export interface CreatedFiles extends Created {
  readonly directory: string;
  /** Paths from `directory`. */
  readonly files: readonly string[];
  /** Commands to go on with there. */
  readonly next: readonly string[];
}

/** Says what was written and how to go on. The JSON document is `{ directory, files }`. */
export function reportCreated({ directory, files, next, mode, terminal }: CreatedFiles): void {
  if (mode === 'json') {
    writeJson(terminal.stdout, { directory, files });
    return;
  }
  const enter = directory === '.' ? [] : [`cd ${/^[\w./-]+$/.test(directory) ? directory : JSON.stringify(directory)}`];
  const lines = [
    ...files.map((file) => join(directory, file)),
    '',
    'Next:',
    ...[...enter, ...next].map((command) => `  ${command}`),
  ];
  writeLine(terminal.stdout, lines.join('\n'));
}
