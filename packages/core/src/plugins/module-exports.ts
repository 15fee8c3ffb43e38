import { isMarked } from './plugin-shape.js';

/** Something that a module offers as a plugin. */
export interface ExportedPlugin {
  /** Which export it is, for messages. */
  readonly which: string;
  readonly value: unknown;
}

/**
 * What a module offers as plugins: its default export, one or a list, and every other export that a define… helper made.
 * What is exported twice counts once. A module without any offers a default export that is missing.
 */
export function exportsOf(module: unknown): readonly ExportedPlugin[] {
  const { default: standard, ...named } = { ...(module as object) } as { readonly default?: unknown };
  const offered: ExportedPlugin[] = Array.isArray(standard)
    ? standard.map((value: unknown, index) => ({ which: `entry ${index} of the default export`, value }))
    : [{ which: 'the default export', value: standard }];
  for (const [name, value] of Object.entries(named)) {
    const isNew = !offered.some((other) => other.value === value);
    if (isMarked(value) && isNew) offered.push({ which: `the export ${name}`, value });
  }
  return standard === undefined && offered.length > 1 ? offered.slice(1) : offered;
}
