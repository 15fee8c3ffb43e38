import { isDeepStrictEqual } from 'node:util';
import type { ArmSummary } from '../runs/index.js';

/** The paths in whose values runs differ, the seed aside, in the order in which they were set. */
export function sweptPaths(runs: readonly Pick<ArmSummary, 'overrides'>[]): readonly string[] {
  const paths = new Set(runs.flatMap(({ overrides }) => Object.keys(overrides)));
  const isSwept = (path: string): boolean =>
    path !== 'seed' && runs.some(({ overrides }) => !isDeepStrictEqual(overrides[path], runs[0]?.overrides[path]));
  return [...paths].filter(isSwept);
}
