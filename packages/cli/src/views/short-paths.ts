import { isDeepStrictEqual } from 'node:util';
import { leavesByPath, overridesText } from '@fedx/core/host';

type Overrides = Readonly<Record<string, unknown>>;

/**
 * How to write each of `all` with no more than tells them apart: `learningRate=0.1` for `client.optimizer.learningRate=0.1`,
 * where no other path ends so, and no options of a plugin that are the same wherever it is chosen. The part of the
 * spec that differs most comes first, where it is not cut away.
 */
export function shortOverridesText(all: readonly Overrides[]): (overrides: Overrides) => string {
  const flat = all.map((each) => leavesByPath(each));
  const paths = [...new Set(flat.flatMap((each) => Object.keys(each)))];
  const short = new Map(paths.map((path) => [path, shortest(path, paths)]));
  const isImplied = impliedOptions(flat);
  /** How many values there are of what is most different in each part of the spec. */
  const varieties = new Map<string, number>();
  for (const path of paths) {
    const { size } = new Set(flat.map((each) => JSON.stringify(each[path])));
    varieties.set(partOf(path), Math.max(size, varieties.get(partOf(path)) ?? 0));
  }
  const variety = (path: string): number => varieties.get(partOf(path)) ?? 0;
  return (overrides) => {
    const own = leavesByPath(overrides);
    const telling = Object.entries(own)
      .filter(([path]) => !isImplied(path, own))
      .toSorted(([a], [b]) => variety(b) - variety(a));
    return overridesText(Object.fromEntries(telling.map(([path, value]) => [short.get(path) ?? path, value])));
  };
}

/** The part of the spec that a path lies in, e.g. `strategy`. */
function partOf(path: string): string {
  return path.split('.', 1).join();
}

/** Tells whether a path of one of `all` is an option of a plugin that is the same wherever that is chosen. */
function impliedOptions(all: readonly Overrides[]): (path: string, own: Overrides) => boolean {
  const known = new Map<string, boolean>();
  return (path, own) => {
    const steps = path.split('.');
    const slot = steps
      .map((_, count) => [...steps.slice(0, count), 'use'].join('.'))
      .findLast((use) => use !== path && use in own);
    if (slot === undefined) return false;
    const key = JSON.stringify([path, slot, own[slot]]);
    const isSame =
      known.get(key) ??
      all.filter((each) => each[slot] === own[slot]).every((each) => isDeepStrictEqual(each[path], own[path]));
    known.set(key, isSame);
    return isSame;
  };
}

/** The fewest of the last steps of `path` with which none of the others ends; `use` alone says too little. */
function shortest(path: string, paths: readonly string[]): string {
  const steps = path.split('.');
  for (let count = steps.at(-1) === 'use' ? 2 : 1; count < steps.length; count++) {
    const end = steps.slice(-count).join('.');
    if (paths.every((other) => other === path || (other !== end && !other.endsWith(`.${end}`)))) return end;
  }
  return path;
}
