import { findRun, readRun } from '@fedx/core/host';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';
import { paintFor } from './views/paint.js';
import { renderRun } from './views/run-details.js';

export interface ShowCommand {
  readonly directory: string;
  readonly name: string;
  readonly mode: OutputMode;
  readonly terminal: Terminal;
}

/** Shows one run. The JSON document is `{ run, arms, environment, warnings, failure, damage }`, without what there is not. */
export async function showRun({ directory, name, mode, terminal }: ShowCommand): Promise<void> {
  const record = await readRun(directory, findRun(directory, name));
  if (mode === 'text') {
    writeLine(terminal.stdout, await renderRun(record, paintFor(terminal.stdout)));
    return;
  }
  const { run, arms, entries, environment, damage } = record;
  writeJson(terminal.stdout, {
    run,
    arms,
    environment,
    warnings: entries.flatMap((entry) => (entry.type === 'warning' ? [entry.message] : [])),
    failure: entries.find((entry) => entry.type === 'run-failed'),
    damage,
  });
}
