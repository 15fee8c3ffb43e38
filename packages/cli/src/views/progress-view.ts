import type { JournalEntry, PointEvent, PointPlace } from '@fedx/core/host';
import type { Interruption } from '../interruption.js';
import { type OutputMode, type Terminal, type TextStream, writeLine } from '../terminal.js';
import { paintFor } from './paint.js';
import { renderPlace, renderPointEnd, renderSweep } from './points.js';
import { advance, type Progress } from './progress.js';
import { renderEntry, renderProgress, renderWarning } from './progress-lines.js';

/** Shows a run, or the runs of a sweep one after another, while they go. */
export interface ProgressView {
  /** Takes the journal's entries in their order. Cheap: a run may make 50 steps a second. */
  readonly onEvent: (entry: JournalEntry) => void;
  /** Takes what becomes of the points of a sweep. */
  readonly onPoint: (event: PointEvent) => void;
  /** Leaves the terminal as the last entry made it. */
  readonly end: () => void;
}

/** Milliseconds between two drawings of the live view. */
const DRAW_INTERVAL = 100;

const nothing = (): void => {};

/**
 * Lines that change in place on a terminal, a plain line a step (of a sweep, a point) elsewhere; for JSON only warnings, if
 * quiet nothing. An interruption is acknowledged at once: the run ends when what is being computed is done.
 */
export async function showProgress(
  mode: OutputMode,
  terminal: Terminal,
  { signal, unread }: Interruption,
): Promise<ProgressView> {
  if (mode === 'quiet') return { onEvent: nothing, onPoint: nothing, end: nothing };
  const { say, ...view } = mode === 'json' ? warningsOnly(terminal) : await textView(terminal);
  const onAbort = (): void => {
    if (unread()) return;
    say(() => {
      writeLine(terminal.stderr, acknowledgement);
    });
  };
  signal.addEventListener('abort', onAbort);
  return {
    ...view,
    end() {
      signal.removeEventListener('abort', onAbort);
      view.end();
    },
  };
}

const acknowledgement =
  'Interrupted: the run ends when the steps under way are done, and keeps all so far. Ctrl-C again ends it at once.';

/** A view that can be interrupted by what is said once, which `write` writes. */
interface View extends ProgressView {
  readonly say: (write: () => void) => void;
}

const sayAtOnce = (write: () => void): void => {
  write();
};

function warningsOnly(terminal: Terminal): View {
  return {
    onEvent: (entry) => {
      warn(entry, terminal);
    },
    onPoint: nothing,
    say: sayAtOnce,
    end: nothing,
  };
}

async function textView(terminal: Terminal): Promise<View> {
  return hasRoom(terminal.stdout) ? liveView(terminal) : lineView(terminal);
}

/** Whether lines can change in place; some pseudo-terminals say that they are no columns wide. */
function hasRoom({ isTTY, columns = 0 }: TextStream): boolean {
  return isTTY === true && columns > 0;
}

function lineView(terminal: Terminal): View {
  let progress: Progress = [];
  let place: PointPlace | undefined;
  return {
    onEvent(entry) {
      progress = advance(progress, entry);
      const line = place === undefined ? renderEntry(entry, progress) : renderPointEntry(place, entry, progress);
      if (line !== undefined) writeLine(terminal.stdout, line);
      warn(entry, terminal);
    },
    onPoint(event) {
      if (event.of > 1) place = event;
      const line = renderPointEvent(event);
      if (line !== undefined) writeLine(terminal.stdout, line);
    },
    say: sayAtOnce,
    end: nothing,
  };
}

async function liveView(terminal: Terminal): Promise<View> {
  const { createLogUpdate } = await import('log-update');
  const paint = paintFor(terminal.stdout);
  const log = createLogUpdate(terminal.stdout);
  let progress: Progress = [];
  let drawn = progress;
  let place: PointPlace | undefined;
  let done = { points: 0, seconds: 0 };
  const render = (): string =>
    [...(place === undefined ? [] : [renderSweep(place, done, paint)]), renderProgress(progress, paint)].join('\n');
  const draw = (): void => {
    if (progress === drawn || progress.length === 0) return;
    log(render());
    drawn = progress;
  };
  /** What is said once stays above the lines that change. */
  const say = (write: () => void): void => {
    log.clear();
    write();
    if (progress.length > 0) log(render());
  };
  const timer = setInterval(draw, DRAW_INTERVAL);
  return {
    onEvent(entry) {
      progress = advance(progress, entry);
      if (entry.type === 'run-completed') {
        done = { points: done.points + 1, seconds: done.seconds + entry.seconds };
      }
      const line = place === undefined ? undefined : renderPointEntry(place, entry, progress);
      if (line !== undefined) {
        progress = [];
        say(() => {
          writeLine(terminal.stdout, line);
        });
      }
      if (entry.type === 'warning') {
        say(() => {
          warn(entry, terminal);
        });
      }
    },
    onPoint(event) {
      if (event.of > 1) place = event;
      const line = renderPointEvent(event);
      if (line === undefined) return;
      progress = [];
      say(() => {
        writeLine(terminal.stdout, line);
      });
    },
    say,
    end() {
      clearInterval(timer);
      draw();
      log.done();
    },
  };
}

/** The line of a point that has ended; undefined for all other entries. */
function renderPointEntry(place: PointPlace, entry: JournalEntry, progress: Progress): string | undefined {
  return entry.type === 'run-completed' ? renderPointEnd(place, progress, entry.seconds) : undefined;
}

/** The line of a point that did not run to its end; undefined where it starts. */
function renderPointEvent(event: PointEvent): string | undefined {
  switch (event.type) {
    case 'started':
      return undefined;
    case 'skipped':
      return event.of === 1 ? 'Completed before: nothing is left to do.' : `${renderPlace(event)}  completed before`;
    case 'failed':
      return `${renderPlace(event)}  failed: ${event.failure.code}`;
  }
}

function warn(entry: JournalEntry, { stderr }: Terminal): void {
  if (entry.type === 'warning') writeLine(stderr, renderWarning(entry, paintFor(stderr)));
}
