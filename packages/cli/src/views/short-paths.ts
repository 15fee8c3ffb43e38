import { overridesText } from '@fedx/core/host';

type Overrides = Readonly<Record<string, unknown>>;

/**
 * How to write each of `all` with no more of its paths than tells them apart: `learningRate=0.1` for
 * `client.optimizer.learningRate=0.1`, where no other path ends so.
 */
export function shortOverridesText(all: readonly Overrides[]): (overrides: Overrides) => string {
  const paths = [...new Set(all.flatMap((each) => Object.keys(each)))];
  const short = new Map(paths.map((path) => [path, shortest(path, paths)]));
  return (overrides) =>
    overridesText(
      Object.fromEntries(Object.entries(overrides).map(([path, value]) => [short.get(path) ?? path, value])),
    );
}

/** The fewest of the last steps of `path` with which none of the others ends. */
function shortest(path: string, paths: readonly string[]): string {
  const steps = path.split('.');
  for (let count = 1; count < steps.length; count++) {
    const end = steps.slice(-count).join('.');
    if (paths.every((other) => other === path || (other !== end && !other.endsWith(`.${end}`)))) return end;
  }
  return path;
}
