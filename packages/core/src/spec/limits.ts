import { CST } from 'yaml';
import type { FedxError } from '../errors/index.js';
import { specError } from './diagnostics.js';
import type { Tree } from './located-tree.js';
import type { Source, Span } from './source.js';

/** The largest spec, in bytes: a hundred times the longest that ships. */
export const maxBytes = 1024 * 1024;

/** How deep collections may nest; a spec needs about six levels. */
export const maxDepth = 64;

/** How many values a document may stand for once its aliases are expanded. */
export const maxValues = 100_000;

/** FEDX_SPEC_TOO_LARGE: the text is longer than {@link maxBytes}. */
export function tooLarge(source: Source): FedxError {
  return specError('FEDX_SPEC_TOO_LARGE', [
    {
      at: { source, from: 0, to: 0 },
      path: '',
      message: `${source.name} is larger than 1 MiB; a spec is a few kilobytes of YAML.`,
    },
  ]);
}

/** FEDX_SPEC_TOO_LARGE: the text at `at` brought all texts with environment variables past {@link maxBytes}. */
export function expandedTooLarge(at: Span): FedxError {
  const message = 'The texts of this spec are larger than 1 MiB once environment variables are filled in.';
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

/**
 * The offset of the first collection that nests deeper than {@link maxDepth}; undefined where none does.
 * It looks at the concrete syntax, which yaml builds without recursion; composing a document recurses, and
 * yaml 2.9 can end the process on 10 kB of nested brackets.
 */
export function offsetOfTooDeep(token: CST.Token | null | undefined, depth = 0): number | undefined {
  if (token?.type === 'document') return offsetOfTooDeep(token.value, depth);
  if (!CST.isCollection(token)) return undefined;
  if (depth === maxDepth) return token.offset;
  for (const { key, value } of token.items) {
    const offset = offsetOfTooDeep(key, depth + 1) ?? offsetOfTooDeep(value, depth + 1);
    if (offset !== undefined) return offset;
  }
  return undefined;
}
