/** What a run's spec says, as far as it decides an arm's figures, and in what runs differ. */

/** Paths and values in which configurations differ, e.g. `{ 'strategy.mu': 0.01 }`; empty where they are all one. */
export type Configuration = Readonly<Record<string, unknown>>;

type Mapping = Readonly<Record<string, unknown>>;

/**
 * Keys that say nothing of how an arm trains: the seed tells repetitions apart, the executor never changes results, and
 * the other arms and what is expected of them are no part of this one.
 */
const beside: ReadonlySet<string> = new Set([
  'apiVersion',
  'seed',
  'plugins',
  'executor',
  'tracking',
  'controls',
  'expect',
  'sweep',
]);

/** All that a resolved spec says of one arm, by path. A control's own `client` takes the place of the federated run's. */
export function describeArm(spec: Mapping, arm: string): Configuration {
  const base = Object.fromEntries(Object.entries(spec).filter(([key]) => !beside.has(key)));
  const controls = Array.isArray(spec['controls']) ? (spec['controls'] as readonly unknown[]) : [];
  const control = controls.filter(isMapping).find(({ name }) => name === arm);
  if (control === undefined) return leavesByPath(base);
  const { use: _, name: __, ...overlay } = control;
  return leavesByPath({ ...base, ...overlay });
}

/** Each description, left with the paths in which any two of them differ. */
export function differences(descriptions: readonly Configuration[]): readonly Configuration[] {
  const texts = new Map<string, Set<string | undefined>>();
  for (const path of new Set(descriptions.flatMap((each) => Object.keys(each)))) {
    texts.set(path, new Set(descriptions.map((each) => (path in each ? JSON.stringify(each[path]) : undefined))));
  }
  return descriptions.map((each) =>
    Object.fromEntries(Object.entries(each).filter(([path]) => (texts.get(path)?.size ?? 0) > 1)),
  );
}

/** Leaves by dotted path; a list is a leaf. */
export function leavesByPath(mapping: Mapping, prefix = ''): Configuration {
  return Object.fromEntries(
    Object.entries(mapping).flatMap(([key, value]) =>
      isMapping(value) ? Object.entries(leavesByPath(value, `${prefix}${key}.`)) : [[`${prefix}${key}`, value]],
    ),
  );
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
