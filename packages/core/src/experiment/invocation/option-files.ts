import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Catalogue } from '../../plugins/index.js';
import { type ExperimentSpec, type JsonSchema, movePaths, slotLists, slotPlaces, valueAt } from '../../spec/index.js';
import { pluginOf } from '../chosen-plugins.js';

/** What is checked by a digest of what was read from it, and what has no say in a result. */
const others: ReadonlySet<string> = new Set(['dataset', 'sink']);

/**
 * SHA-256, hex, of each file that the options of a spec's plugins name (`format: path` in their schema), by the option's path
 * in the spec, such as `server.cohort.path`. Relative files start at `directory`, the spec's. What is no file that can be read
 * is the plugin's to complain of.
 */
export async function optionFileDigests(
  spec: ExperimentSpec,
  catalogue: Catalogue,
  directory: string,
): Promise<Readonly<Record<string, string>>> {
  const digests = namedFiles(spec, catalogue).map(async ([option, path]): Promise<[string, string][]> => {
    try {
      const content = await readFile(resolve(directory, path));
      return [[option, createHash('sha256').update(content).digest('hex')]];
    } catch {
      return [];
    }
  });
  return Object.fromEntries((await Promise.all(digests)).flat());
}

function namedFiles(spec: ExperimentSpec, catalogue: Catalogue): readonly (readonly [option: string, path: string])[] {
  const lists = slotLists.flatMap(({ path, kind }) => {
    const entries = valueAt(spec, path);
    return Array.isArray(entries) ? entries.map((_, index) => ({ path: [...path, String(index)], kind })) : [];
  });
  const found: (readonly [string, string])[] = [];
  for (const { path, kind } of [...slotPlaces, ...lists]) {
    const slot = valueAt(spec, path);
    if (others.has(kind) || !isSlot(slot)) continue;
    movePaths(slot, pluginOf(catalogue, kind, slot).options as JsonSchema, (file, steps) => {
      found.push([[...path, ...steps].join('.'), file]);
      return file;
    });
  }
  return found;
}

function isSlot(value: unknown): value is { readonly use: string } {
  return typeof value === 'object' && value !== null && 'use' in value;
}
