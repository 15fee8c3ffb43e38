import {
  type ExpectationResult,
  exitCodes,
  FedxError,
  isFedxError,
  type RunOptions,
  type RunReport,
} from '@fedx/core/host';
import type { Interruption } from './interruption.js';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';
import { renderClosing, renderExpectation, renderSinkFailure } from './views/closing.js';
import { paintFor } from './views/paint.js';
import { showProgress } from './views/progress-view.js';
import { renderPointFailure, renderSweepClosing } from './views/sweep-closing.js';

export interface RunCommand {
  /** Asks the host for the runs: those of a spec, or those that an invocation lacks. */
  readonly start: (options: RunOptions) => Promise<RunReport>;
  readonly mode: OutputMode;
  readonly terminal: Terminal;
  readonly interruption: Interruption;
}

/**
 * Runs an experiment, shows its progress and how it ended, and returns the exit code: 0, 1 where a point of a sweep
 * failed, else 3 where an expectation was missed, 130 where the reader of stdout went away. Throws what the host throws,
 * FEDX_RUN_INTERRUPTED among it.
 */
export async function runExperiment({ start, mode, terminal, interruption }: RunCommand): Promise<number> {
  const progress = await showProgress(mode, terminal, interruption);
  let report: RunReport;
  try {
    report = await start({
      signal: interruption.signal,
      onEvent: progress.onEvent,
      onPoint: progress.onPoint,
    });
  } catch (error) {
    if (interruption.unread()) return exitCodes.interrupted;
    throw interruption.signal.aborted && !isFedxError(error) ? interruptedEarly(error) : error;
  } finally {
    progress.end();
  }
  await showReport(report, mode, terminal);
  if (report.failures.length > 0) return exitCodes.runFailed;
  return report.expectations.every(({ pass }) => pass) ? exitCodes.done : exitCodes.expectationMissed;
}

async function showReport(report: RunReport, mode: OutputMode, { stdout, stderr }: Terminal): Promise<void> {
  if (mode === 'json') writeJson(stdout, report);
  else if (mode === 'text') {
    const render = isSweep(report) ? renderSweepClosing : renderClosing;
    writeLine(stdout, await render(report, paintFor(stdout)));
  } else {
    const paint = paintFor(stderr);
    for (const missed of report.expectations.filter(isMissed)) writeLine(stderr, renderExpectation(missed, paint));
    for (const failure of report.failures) writeLine(stderr, renderPointFailure(failure, paint));
    for (const failure of report.sinkFailures ?? []) writeLine(stderr, renderSinkFailure(failure, paint));
  }
}

const isMissed = ({ pass }: ExpectationResult): boolean => !pass;

function isSweep({ runs, failures }: RunReport): boolean {
  return failures.length > 0 || new Set(runs.map(({ id }) => id)).size > 1;
}

/** An abort that reached the host before there was a run folder to name. */
function interruptedEarly(cause: unknown): FedxError {
  return new FedxError('FEDX_RUN_INTERRUPTED', 'Interrupted before the run began; nothing was written.', { cause });
}
