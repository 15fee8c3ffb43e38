import { distance } from 'fastest-levenshtein';

/**
 * The known name that `name` was probably meant to be: equal but for case and separators (`learning_rate`), else the one
 * with the fewest edits between, if they are at most a third of its letters or the letters are all the same (`mpl`).
 * Undefined where none is near. `mostEdits` says how many edits are few for the letters of the shorter of two names.
 */
export function nearestName(
  name: string,
  known: readonly string[],
  mostEdits: (letters: number) => number = (letters) => Math.ceil(letters / 3),
): string | undefined {
  if (name.length > 100) return undefined;
  const alike = known.find((candidate) => folded(candidate) === folded(name));
  if (alike !== undefined) return alike;
  const letters = sorted(name);
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const edits = isSwap(name, candidate) ? 1 : distance(name, candidate);
    const isNear = edits <= mostEdits(Math.min(name.length, candidate.length)) || sorted(candidate) === letters;
    if (!isNear || edits >= fewest) continue;
    nearest = candidate;
    fewest = edits;
  }
  return nearest;
}

/** Whether two neighbouring letters changed places, which counts as one slip of the hand. */
function isSwap(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const at = Array.from(a).findIndex((_, index) => a[index] !== b[index]);
  return at !== -1 && a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}

function sorted(name: string): string {
  return Array.from(folded(name)).sort().join('');
}

function folded(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/**
 * `Did you mean rounds? Keys here: rounds, cohort.`; `label` says what the known names are. `besides` may be meant too, but
 * are not listed.
 */
export function suggest(
  name: string,
  known: readonly string[],
  label: string,
  besides: readonly string[] = [],
): string {
  const near = nearestName(name, [...known, ...besides]);
  return [near && `Did you mean ${near}?`, known.length > 0 && `${label}: ${known.join(', ')}.`]
    .filter(Boolean)
    .join(' ');
}
