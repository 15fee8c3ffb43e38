import { FedxError } from '../errors/index.js';
import { listInvocationIds, listRunIds } from './glance.js';

/** The run that `name` means: an id, the beginning of a single one, or `latest`. Throws FEDX_RUN_NOT_FOUND. */
export function findRun(directory: string, name: string): string {
  return findId('run', listRunIds(directory), name);
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
