import { type ExpectationResult, exitCodes, FedxError, isFedxError, type RunReport } from '@fedx/core/host';
import type { Interruption } from './interruption.js';
import type { SpecCommand } from './spec-command.js';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';
import { renderClosing, renderExpectation } from './views/closing.js';
import { paintFor } from './views/paint.js';
import { showProgress } from './views/progress-view.js';

export interface RunCommand extends SpecCommand<'run'> {
  readonly interruption: Interruption;
}

/**
 * Runs the experiment, shows its progress and how it ended, and returns the exit code: 0, 3 where an expectation was
 * missed, 130 where the reader of stdout went away. Throws what the host throws, FEDX_RUN_INTERRUPTED among it.
 */
export async function runExperiment({ host, request, mode, terminal, interruption }: RunCommand): Promise<number> {
  const progress = await showProgress(mode, terminal);
  let report: RunReport;
  try {
    report = await host.run(request, { signal: interruption.signal, onEvent: progress.onEvent });
  } catch (error) {
    if (interruption.unread()) return exitCodes.interrupted;
    throw interruption.signal.aborted && !isFedxError(error) ? interruptedEarly(error) : error;
  } finally {
    progress.end();
  }
  await showReport(report, mode, terminal);
  return report.expectations.every(({ pass }) => pass) ? exitCodes.done : exitCodes.expectationMissed;
}

async function showReport(report: RunReport, mode: OutputMode, terminal: Terminal): Promise<void> {
  if (mode === 'json') writeJson(terminal.stdout, report);
  else if (mode === 'text') writeLine(terminal.stdout, await renderClosing(report, paintFor(terminal.stdout)));
  else
    for (const missed of report.expectations.filter(isMissed))
      writeLine(terminal.stderr, renderExpectation(missed, paintFor(terminal.stderr)));
}

const isMissed = ({ pass }: ExpectationResult): boolean => !pass;

/** An abort that reached the host before there was a run folder to name. */
function interruptedEarly(cause: unknown): FedxError {
  return new FedxError('FEDX_RUN_INTERRUPTED', 'Interrupted before the run began; nothing was written.', { cause });
}
