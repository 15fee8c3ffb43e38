import { fitsPattern } from './find.js';
import { glanceAtRun, listRunIds, type RunGlance, type RunStatus } from './glance.js';

/** Which runs to list; a run must fit all that is given. */
export interface RunFilter {
  /** Experiment's name; `*` and `?` as in a shell. */
  readonly name?: string;
  readonly status?: RunStatus;
  /** A run that has this arm. */
  readonly arm?: string;
  readonly invocation?: string;
  /** Milliseconds since the epoch, both included. */
  readonly since?: number;
  readonly until?: number;
}

/** What a list can be sorted by. */
export type RunOrder = 'time' | 'name' | 'status' | 'seconds' | 'accuracy';

export interface RunList {
  readonly runs: readonly RunGlance[];
  /** Runs that fit, those past the limit included. */
  readonly total: number;
}

/**
 * The runs of a directory: the newest, longest and most accurate first, names and statuses from A to Z; equal ones the
 * newest first. Only the ends of journals are read.
 */
export function listRuns(
  directory: string,
  filter: RunFilter = {},
  { sort = 'time', reverse = false, limit }: { sort?: RunOrder; reverse?: boolean; limit?: number } = {},
): RunList {
  const fitting = listRunIds(directory)
    .map((id) => glanceAtRun(directory, id))
    .filter((run) => fits(run, filter))
    .toSorted((a, b) => compare[sort](a, b) || compare.time(a, b));
  if (reverse) fitting.reverse();
  return { runs: fitting.slice(0, limit), total: fitting.length };
}

function fits(run: RunGlance, { name, status, arm, invocation, since, until }: RunFilter): boolean {
  return (
    (name === undefined || fitsPattern(run.name, name)) &&
    (status === undefined || run.status === status) &&
    (arm === undefined || run.arms.includes(arm)) &&
    (invocation === undefined || run.invocation === invocation) &&
    (since === undefined || run.started >= since) &&
    (until === undefined || run.started <= until)
  );
}

const compare: Readonly<Record<RunOrder, (a: RunGlance, b: RunGlance) => number>> = {
  time: (a, b) => b.started - a.started || alphabetically(b.id, a.id),
  name: (a, b) => alphabetically(a.name, b.name),
  status: (a, b) => alphabetically(a.status, b.status),
  seconds: (a, b) => b.seconds - a.seconds,
  accuracy: (a, b) => (accuracyOf(b) ?? -1) - (accuracyOf(a) ?? -1),
};

function alphabetically(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The last test accuracy of the run's first arm, as far as the end of its journal tells. */
function accuracyOf({ arms, latest }: RunGlance): number | undefined {
  return latest[arms[0] ?? '']?.metrics['test/accuracy'];
}
