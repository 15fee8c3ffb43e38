import type { FedxError } from '../../errors/index.js';
import { specError } from './diagnostics.js';
import type { Tree } from './located-tree.js';
import type { Source, Span } from './source.js';

/** The largest spec, in bytes: fifty times the longest that ships. What yaml makes of more can take seconds. */
export const maxBytes = 256 * 1024;

/** How deep collections may nest; a spec needs about six levels. */
export const maxDepth = 64;

/** How many values a document may stand for once its aliases are expanded. */
export const maxValues = 20_000;

/** FEDX_SPEC_TOO_LARGE: the text is longer than {@link maxBytes}. */
export function tooLarge(source: Source): FedxError {
  return specError('FEDX_SPEC_TOO_LARGE', [
    {
      at: { source, from: 0, to: 0 },
      path: '',
      message: `${source.name} is larger than 256 KiB; a spec is a few kilobytes of YAML.`,
    },
  ]);
}

/** FEDX_SPEC_TOO_LARGE: the text at `at` brought all texts with environment variables past {@link maxBytes}. */
export function expandedTooLarge(at: Span): FedxError {
  const message = 'The texts of this spec are larger than 256 KiB once environment variables are filled in.';
  return specError('FEDX_SPEC_TOO_LARGE', [{ at, path: '', message }]);
}

/** Throws FEDX_SPEC_TOO_LARGE where `tree` stands for more than {@link maxValues}. */
export function checkValues(tree: Tree): void {
  const values = countValues(tree);
  if (values > maxValues) throw tooManyValues(tree.span);
}

/** FEDX_SPEC_TOO_LARGE: what is written at `at` stands for more than {@link maxValues}. */
export function tooManyValues(at: Span, path = ''): FedxError {
  const message = `This stands for more than ${maxValues} values, aliases expanded.`;
  return specError('FEDX_SPEC_TOO_LARGE', [{ at, path, message }]);
}

function countValues(tree: Tree): number {
  if (tree.kind === 'scalar') return 1;
  const children = tree.kind === 'list' ? tree.items : [...tree.entries.values()].map(({ value }) => value);
  return children.reduce((sum, child) => sum + countValues(child), 1);
}
