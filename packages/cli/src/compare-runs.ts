import { compareFolders, type FigureOfStep } from '@fedx/core/host';
import { type OutputMode, type Terminal, widthOf, writeJson, writeLine } from './terminal.js';
import { renderComparison } from './views/comparison.js';
import { paintFor } from './views/paint.js';

export interface CompareCommand {
  readonly directory: string;
  /** Runs, invocations and patterns. */
  readonly names: readonly string[];
  readonly metric: string;
  readonly at: FigureOfStep;
  readonly baseline?: string;
  readonly mode: OutputMode;
  readonly terminal: Terminal;
}

/** Compares runs. The JSON document is the comparison. */
export async function showComparison({ directory, names, mode, terminal, ...request }: CompareCommand): Promise<void> {
  const comparison = await compareFolders(directory, names, request);
  if (mode === 'json') writeJson(terminal.stdout, comparison);
  else
    writeLine(terminal.stdout, await renderComparison(comparison, paintFor(terminal.stdout), widthOf(terminal.stdout)));
}
