import type { Plugin } from '../../contracts/index.js';
import { createCatalogue } from '../../plugins/index.js';
import { type Finding, specError } from '../document/diagnostics.js';
import { fileSource } from '../document/source.js';
import { parseYaml } from '../document/yaml.js';
import { loadValidator } from '../schema/validate.js';
import { createSlotResolver } from './slot-options.js';

/**
 * What `plugin` is given where a spec writes `written` beside `use`: checked against its schema, defaults filled in.
 * Throws FEDX_SPEC_INVALID with every finding, and FEDX_PLUGIN_INVALID where the schema is none.
 */
export async function resolveOptions(
  plugin: Plugin,
  written: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  // JSON is YAML: the options take the way of a spec, so that they are judged alike.
  const source = fileSource(`options of ${plugin.name}`, JSON.stringify(written));
  const { tree, findings: syntax } = parseYaml({ source, from: 0, path: [], code: 'FEDX_SPEC_SYNTAX' });
  const findings: Finding[] = [...syntax];
  const resolveSlot = createSlotResolver(createCatalogue([plugin]), await loadValidator(), findings, (path) => path);
  const slot =
    tree.kind === 'mapping' ? resolveSlot({ kind: plugin.kind, use: plugin.name, path: [], tree }) : undefined;
  if (slot === undefined) throw specError('FEDX_SPEC_INVALID', findings);
  const { use: _, ...options } = slot;
  return options;
}
