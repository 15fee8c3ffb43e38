import type { JournalEntry } from '@fedx/core/host';
import { type OutputMode, type Terminal, type TextStream, writeLine } from '../terminal.js';
import { paintFor } from './paint.js';
import { advance, type Progress } from './progress.js';
import { renderEntry, renderProgress, renderWarning } from './progress-lines.js';

/** Shows a run while it goes. */
export interface ProgressView {
  /** Takes the journal's entries in their order. Cheap: a run may make 50 steps a second. */
  readonly onEvent: (entry: JournalEntry) => void;
  /** Leaves the terminal as the last entry made it. */
  readonly end: () => void;
}

/** Milliseconds between two drawings of the live view. */
const DRAW_INTERVAL = 100;

/** Lines that change in place on a terminal, a plain line a step elsewhere; for JSON only warnings, if quiet nothing. */
export async function showProgress(mode: OutputMode, terminal: Terminal): Promise<ProgressView> {
  if (mode === 'quiet') return { onEvent: () => {}, end: () => {} };
  if (mode === 'json') return { onEvent: (entry) => warn(entry, terminal), end: () => {} };
  return hasRoom(terminal.stdout) ? liveView(terminal) : lineView(terminal);
}

/** Whether lines can change in place; some pseudo-terminals say that they are no columns wide. */
function hasRoom({ isTTY, columns = 0 }: TextStream): boolean {
  return isTTY === true && columns > 0;
}

function lineView(terminal: Terminal): ProgressView {
  let progress: Progress = [];
  return {
    onEvent(entry) {
      progress = advance(progress, entry);
      const line = renderEntry(entry, progress);
      if (line !== undefined) writeLine(terminal.stdout, line);
      warn(entry, terminal);
    },
    end: () => {},
  };
}

async function liveView(terminal: Terminal): Promise<ProgressView> {
  const { createLogUpdate } = await import('log-update');
  const paint = paintFor(terminal.stdout);
  const log = createLogUpdate(terminal.stdout);
  let progress: Progress = [];
  let drawn = progress;
  const draw = (): void => {
    if (progress === drawn) return;
    log(renderProgress(progress, paint));
    drawn = progress;
  };
  const timer = setInterval(draw, DRAW_INTERVAL);
  return {
    onEvent(entry) {
      progress = advance(progress, entry);
      if (entry.type !== 'warning') return;
      // Warnings stay above the lines that change.
      log.clear();
      warn(entry, terminal);
      if (progress.length > 0) log(renderProgress(progress, paint));
    },
    end() {
      clearInterval(timer);
      draw();
      log.done();
    },
  };
}

function warn(entry: JournalEntry, { stderr }: Terminal): void {
  if (entry.type === 'warning') writeLine(stderr, renderWarning(entry, paintFor(stderr)));
}
