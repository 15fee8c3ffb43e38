import type { Removal } from '@fedx/core/host';
import { formatBytes, formatCount } from './figures.js';

/** So many are named one by one; the rest is counted. */
const SHOWN = 20;

const plural: Readonly<Record<Removal['kind'], readonly [one: string, many: string]>> = {
  run: ['run', 'runs'],
  invocation: ['invocation', 'invocations'],
  temporary: ['temporary file', 'temporary files'],
  lock: ['stale lock', 'stale locks'],
  cache: ['cache entry', 'cache entries'],
};

/** What is removed and how much that is, e.g. `2 runs, 1 stale lock, 1.4 MiB removed`. */
export function renderRemovals(removals: readonly Removal[], what: 'removed' | 'would be removed'): string {
  if (removals.length === 0) return `Nothing ${what}.`;
  const lines = removals.slice(0, SHOWN).map(({ path, bytes, reason }) => `${path}  ${formatBytes(bytes)}  ${reason}`);
  const hidden = removals.length - lines.length;
  const bytes = removals.reduce((sum, removal) => sum + removal.bytes, 0);
  const counts = Object.entries(plural).flatMap(([kind, [one, many]]) => {
    const count = removals.filter((removal) => removal.kind === kind).length;
    return count === 0 ? [] : [`${formatCount(count)} ${count === 1 ? one : many}`];
  });
  return [
    ...lines,
    ...(hidden > 0 ? [`… and ${formatCount(hidden)} more`] : []),
    `${counts.join(', ')}, ${formatBytes(bytes)} ${what}`,
  ].join('\n');
}
