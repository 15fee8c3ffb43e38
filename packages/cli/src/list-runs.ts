import { listRuns, type RunFilter, type RunOrder } from '@fedx/core/host';
import { type OutputMode, type Terminal, widthOf, writeJson, writeLine } from './terminal.js';
import { paintFor } from './views/paint.js';
import { renderRunList } from './views/run-list.js';

export interface ListCommand {
  /** Whose `.fedx/runs` is listed. */
  readonly directory: string;
  readonly filter: RunFilter;
  readonly order: { readonly sort: RunOrder; readonly reverse: boolean; readonly limit?: number };
  readonly mode: OutputMode;
  readonly terminal: Terminal;
}

/** Lists runs. The JSON document is `{ runs, total }`. */
export async function showRuns({ directory, filter, order, mode, terminal }: ListCommand): Promise<void> {
  const list = listRuns(directory, filter, order);
  if (mode === 'json') writeJson(terminal.stdout, list);
  else writeLine(terminal.stdout, await renderRunList(list, paintFor(terminal.stdout), widthOf(terminal.stdout)));
}
