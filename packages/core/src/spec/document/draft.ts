import { isFedxError } from '../../errors/index.js';
import { readDocument } from './extends.js';
import { toPlain } from './located-tree.js';
import { applyOverrides } from './overrides.js';
import { readSpec } from './read-spec.js';

/**
 * A spec as it stands, for tools that help to write it: the file and what it extends, with `path=value` arguments applied, as
 * plain data without defaults. Nothing is checked and no plugin loaded; undefined where a file cannot be read.
 */
export async function draftSpec(file: string, overrides: readonly string[]): Promise<unknown> {
  try {
    const { tree } = await readDocument(file, await readSpec(file), process.env);
    return toPlain(applyOverrides(tree, overrides).tree);
  } catch (error) {
    if (isFedxError(error)) return undefined;
    throw error;
  }
}
