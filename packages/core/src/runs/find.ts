import { realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { FedxError } from '../errors/index.js';
import { listInvocationIds, listRunIds, runsFolder } from './glance.js';
import { readInvocation } from './invocation.js';
import { timeInId } from './run-id.js';

/**
 * The run that `name` means: an id, the beginning of a single one, the path of a run's folder, or `latest`. Throws
 * FEDX_RUN_NOT_FOUND.
 */
export function findRun(directory: string, name: string): string {
  return findId('run', listRunIds(directory), idOfFolder(directory, name));
}

/** The invocation that `name` means, as {@link findRun}. */
export function findInvocation(directory: string, name: string): string {
  const ids = listInvocationIds(directory);
  if (!ids.includes(name) && listRunIds(directory).includes(name)) {
    throw new FedxError('FEDX_RUN_NOT_FOUND', `${name} is a run, not an invocation.`, {
      hint: `fedx runs show ${name} names the invocation that it belongs to.`,
    });
  }
  return findId('invocation', ids, name);
}

/** What can be resumed: an invocation, or of its runs a single one. */
export interface Resumable {
  readonly invocation: string;
  readonly run?: string;
}

/**
 * What `named` means to be resumed: an id of an invocation or of a run, the beginning of one, the path of a run's folder,
 * or `latest`, the latest invocation. Throws FEDX_RUN_NOT_FOUND.
 */
export function findResumable(directory: string, named: string): Resumable {
  const name = idOfFolder(directory, named);
  const invocations = listInvocationIds(directory);
  const runs = listRunIds(directory);
  const run = runs.includes(name) ? name : runs.filter((id) => id.startsWith(name)).at(-1);
  const isInvocation = invocations.includes(name) || (run !== name && invocations.some((id) => id.startsWith(name)));
  if (name === 'latest' || isInvocation || run === undefined) {
    return { invocation: findId('run or invocation', invocations, name) };
  }
  const id = findId('run', runs, name);
  const invocation = invocations.find((each) =>
    readInvocation(directory, each).points.some((point) => point.runs.includes(id)),
  );
  if (invocation !== undefined) return { invocation, run: id };
  throw new FedxError('FEDX_RUN_NOT_FOUND', `No invocation knows of the run ${id}, so that it cannot be resumed.`);
}

/**
 * The runs that names mean, each once, the oldest first. A name is what {@link findRun} takes,
 * an invocation (all its runs), or a pattern of ids with `*` and `?`. Throws FEDX_RUN_NOT_FOUND where one means none.
 */
export function selectRuns(directory: string, names: readonly string[]): readonly string[] {
  const runs = listRunIds(directory);
  const invocations = listInvocationIds(directory);
  const selected = names.flatMap((name): readonly string[] => {
    const id = idOfFolder(directory, name);
    if (/[*?]/.test(id)) return matching(runs, id);
    if (invocations.includes(id) || (!runs.some((run) => run.startsWith(id)) && id !== 'latest')) {
      return runsOf(directory, findId('run or invocation', invocations, id), runs);
    }
    return [findId('run', runs, id)];
  });
  // Ids tell seconds apart; the runs of an invocation stay in its order.
  return [...new Set(selected)].toSorted((a, b) => timeInId(a) - timeInId(b));
}

/** Whether `name` fits a pattern in which `*` stands for any text and `?` for one character. */
export function fitsPattern(name: string, pattern: string): boolean {
  const escaped = pattern.replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su').test(name);
}

function matching(runs: readonly string[], pattern: string): readonly string[] {
  const found = runs.filter((run) => fitsPattern(run, pattern));
  if (found.length === 0) throw new FedxError('FEDX_RUN_NOT_FOUND', `No run fits ${JSON.stringify(pattern)}.`);
  return found;
}

function runsOf(directory: string, invocation: string, existing: readonly string[]): readonly string[] {
  const known = new Set(existing);
  const runs = readInvocation(directory, invocation).points.flatMap((point) => point.runs);
  return runs.filter((run) => known.has(run));
}

/** The id of the run whose folder `name` is the path of, as a shell completes it; `name` where it is no such path. */
function idOfFolder(directory: string, name: string): string {
  if (!/[\\/]/.test(name)) return name;
  const id = basename(name);
  try {
    const isOurs = realpathSync(resolve(directory, name)) === realpathSync(join(runsFolder(directory), id));
    return isOurs && statSync(resolve(directory, name)).isDirectory() ? id : name;
  } catch {
    return name;
  }
}

function findId(what: string, ids: readonly string[], name: string): string {
  if (ids.includes(name)) return name;
  const latest = ids.at(-1);
  if (name === 'latest' && latest !== undefined) return latest;
  const [match, ...others] = name === '' ? [] : ids.filter((id) => id.startsWith(name));
  if (match !== undefined && others.length === 0) return match;
  const message =
    match === undefined
      ? `There is no ${what} ${JSON.stringify(name)}${ids.length === 0 ? ', nor any other, in this folder' : ''}.`
      : `${JSON.stringify(name)} is the beginning of ${others.length + 1} ids: ${[match, ...others].slice(0, 5).join(', ')}${others.length > 4 ? ', …' : ''}.`;
  throw new FedxError('FEDX_RUN_NOT_FOUND', message);
}
