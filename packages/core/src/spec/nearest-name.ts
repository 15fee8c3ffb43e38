import { closest, distance } from 'fastest-levenshtein';

/**
 * The known name that `name` was probably meant to be: equal but for case and separators (`learning_rate`),
 * the same letters in another order (`mpl`), or at most a third of its letters away. Undefined where none is near.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || name.length > 100) return undefined;
  const alike =
    known.find((candidate) => folded(candidate) === folded(name)) ??
    known.find((candidate) => sorted(candidate) === sorted(name));
  if (alike !== undefined) return alike;
  const candidate = closest(name, known);
  return distance(name, candidate) <= Math.ceil(Math.min(name.length, candidate.length) / 3) ? candidate : undefined;
}

function sorted(name: string): string {
  return Array.from(folded(name)).sort().join('');
}

function folded(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** `Did you mean rounds? Keys here: rounds, cohort.`; `label` says what the known names are. */
export function suggest(name: string, known: readonly string[], label: string): string {
  const near = nearestName(name, known);
  return [near && `Did you mean ${near}?`, known.length > 0 && `${label}: ${known.join(', ')}.`]
    .filter(Boolean)
    .join(' ');
}
