import { createHash } from 'node:crypto';
import { Document, visit } from 'yaml';
import type { ControlSpec, ExperimentSpec } from './experiment-spec.js';

/**
 * The resolved spec as YAML that resolves to the same spec again: what a run folder keeps as spec.resolved.yaml.
 * `directory` is where its relative paths start, as seen from the file that it goes to; absent: that file's folder.
 */
export function printSpec({ apiVersion, name, ...rest }: ExperimentSpec, directory?: string): string {
  const controls = rest.controls.map(printedControl);
  const document = new Document(
    { apiVersion, name, ...(directory !== undefined && { directory }), ...rest, controls },
    { schema: 'core', aliasDuplicateObjects: false },
  );
  visit(document, {
    Scalar(_, node) {
      // Bare, it would be read as the key that merges another mapping.
      if (node.value === '<<') node.type = 'QUOTE_DOUBLE';
      // Written out, an integer past 2^53 would be refused when it is read again.
      if (typeof node.value === 'number' && Number.isInteger(node.value) && !Number.isSafeInteger(node.value))
        node.format = 'EXP';
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** Of `epochs` and `match` a spec may give one; `match` says nothing where epochs are given. */
function printedControl(control: ControlSpec): Partial<ControlSpec> {
  if (control.use !== 'centralized' || control.epochs === undefined) return control;
  const { match: _, ...rest } = control;
  return rest;
}

/**
 * SHA-256, hex, of what decides a run's results: the spec without its name, executor, checkpoints, tracking, time limit
 * and expectations. Two specs with one hash give the same figures on one machine and engine, however many workers they use.
 */
export function hashSpec(spec: ExperimentSpec): string {
  const { name: _, executor: __, expect: ___, tracking: ____, checkpoint: _____, server, ...decisive } = spec;
  const { maxSeconds: ______, ...decisiveOfServer } = server;
  return createHash('sha256')
    .update(canonicalJson({ ...decisive, server: decisiveOfServer }))
    .digest('hex');
}

/** JSON with sorted keys, so that the order of writing does not show. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
