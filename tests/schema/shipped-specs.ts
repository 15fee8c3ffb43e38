import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

/** A spec that ships with the repository. */
export interface ShippedSpec {
  /** From the repository's root. */
  readonly path: string;
  readonly url: URL;
  readonly text: string;
}

/** Every spec in experiments/ and examples/. */
export function shippedSpecs(): readonly ShippedSpec[] {
  return ['experiments', 'examples']
    .flatMap((folder) =>
      readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
    )
    .filter((path) => /\.ya?ml$/.test(path) && !/node_modules|\.fedx/.test(path))
    .map((path) => ({ path, url: new URL(path, root), text: readFileSync(new URL(path, root), 'utf8') }));
}
