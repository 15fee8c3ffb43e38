import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FedxError } from '../../errors/index.js';
import {
  type Environment,
  glanceAtRun,
  type InvocationPoint,
  type InvocationRecord,
  runPaths,
} from '../../runs/index.js';
import { hashSpec, overridesText, type SpecPoint } from '../../spec/index.js';

/**
 * Refuses points that are not those that the invocation began with; with `force` only where there are others at all.
 * Throws FEDX_RESUME_CHANGED.
 */
export function checkUnchanged(record: InvocationRecord, points: readonly SpecPoint[], force: boolean): void {
  const changed = record.points.findIndex(({ specHash, overrides }, index) => {
    const point = points[index];
    if (point === undefined) return true;
    return force ? overridesText(point.overrides) !== overridesText(overrides) : hashSpec(point.spec) !== specHash;
  });
  if (changed === -1 && record.points.length === points.length) return;
  const overrides = record.points[changed]?.overrides ?? {};
  const where = Object.keys(overrides).length === 0 ? '' : ` where ${overridesText(overrides)}`;
  throw new FedxError(
    'FEDX_RESUME_CHANGED',
    `${record.file} no longer resolves to what ${record.id} began with${where}.`,
    {
      place: { file: record.file },
    },
  );
}

/** What became of the points (from 0) of an invocation: a run that completed, or one that can be gone on with. */
export interface PointsBefore {
  readonly completed: ReadonlyMap<number, string>;
  readonly unfinished: ReadonlyMap<number, string>;
}

export function pointsBefore(directory: string, { points }: InvocationRecord): PointsBefore {
  const completed = new Map<number, string>();
  const unfinished = new Map<number, string>();
  points.forEach(({ runs }, index) => {
    const done = runs.find((run) => glanceAtRun(directory, run).status === 'completed');
    const last = lastBegun(directory, runs);
    if (done !== undefined) completed.set(index, done);
    else if (last !== undefined) unfinished.set(index, last);
  });
  return { completed, unfinished };
}

/** The last run that came as far as to say what it is. */
function lastBegun(directory: string, runs: InvocationPoint['runs']): string | undefined {
  return runs.findLast((run) => {
    const isStarted = glanceAtRun(directory, run).arms.length > 0;
    return isStarted && readRunEnvironment(directory, run) !== undefined;
  });
}

/** What a run says of its surroundings; undefined where it does not. */
export function readRunEnvironment(directory: string, run: string): Environment | undefined {
  return readEnvironment(join(directory, '.fedx', 'runs', run));
}

/** What a run folder says of its surroundings; undefined where it does not. */
export function readEnvironment(folder: string): Environment | undefined {
  try {
    const text = readFileSync(join(folder, ...runPaths.environment), 'utf8');
    // Where it is older than the noting of files, none were looked at.
    return { files: {}, ...(JSON.parse(text) as Omit<Environment, 'files'> & Partial<Pick<Environment, 'files'>>) };
  } catch {
    return undefined;
  }
}

/** What the results hang on that is no longer as it was when the run began, in words; empty where nothing is. */
export function changesSince(before: Environment, now: Environment): readonly string[] {
  return [
    ...difference('the version of fedx', before.fedx, now.fedx),
    ...difference('the data', before.data, now.data),
    ...Object.keys({ ...before.plugins, ...now.plugins }).flatMap((plugin) =>
      difference(`the plugin ${plugin}`, before.plugins[plugin], now.plugins[plugin]),
    ),
    ...Object.keys({ ...before.files, ...now.files }).flatMap((option) =>
      difference(`the file of ${option}`, before.files[option], now.files[option]),
    ),
    ...Object.keys({ ...before.packages, ...now.packages }).flatMap((name) =>
      difference(name, before.packages[name], now.packages[name]),
    ),
    ...difference('the processor', before.cpu.model, now.cpu.model),
    ...difference('the spec', before.specHash, now.specHash),
  ];
}

function difference(what: string, before: string | undefined, now: string | undefined): readonly string[] {
  if (before === now) return [];
  const isHash = [before, now].some((text) => text === undefined || /^[0-9a-f]{32,}$/.test(text));
  return [isHash ? what : `${what} (${before} is now ${now})`];
}

/** FEDX_RESUME_CHANGED, naming all that changed. */
export function resumeChanged(run: string, changes: readonly string[]): FedxError {
  const [plugin] = changes.flatMap((change) => /^the plugin (.*)$/.exec(change)?.[1] ?? []);
  return new FedxError(
    'FEDX_RESUME_CHANGED',
    `Since the run ${run} began, something that its results hang on has changed: ${changes.join(', ')}.`,
    plugin === undefined ? {} : { place: { plugin } },
  );
}
