import { holdsCredentials, isSecretName, keepSecret } from '../../errors/index.js';
import { type Finding, pathText } from '../document/diagnostics.js';
import type { MappingTree, Tree } from '../document/located-tree.js';

/**
 * A finding for every secret that is written out: a spec is kept with its runs, and travels with them. What is found is
 * covered in all messages from then on.
 */
export function findLiteralSecrets(tree: MappingTree): readonly Finding[] {
  const findings: Finding[] = [];
  // An alias stands for the tree of its anchor.
  const seen = new Set<Tree>();
  walk(tree, []);
  return findings;

  function walk(at: Tree, path: readonly string[]): void {
    if (seen.has(at)) return;
    seen.add(at);
    if (at.kind === 'mapping') for (const [name, { value }] of at.entries) walk(value, [...path, name]);
    else if (at.kind === 'list') at.items.forEach((item, index) => walk(item, [...path, String(index)]));
    else if (isSecret(at.value, path.at(-1) ?? '')) {
      keepSecret(at.value);
      findings.push({
        at: at.span,
        path: pathText(path),
        message: `${pathText(path)} holds a secret, and a spec is kept with its runs.`,
        hint: 'Put it into an environment variable such as MY_TOKEN, and write "${env:MY_TOKEN}".',
      });
    }
  }
}

/** A reference that is left stands for a secret, and is none. */
function isSecret(value: unknown, name: string): value is string {
  if (typeof value !== 'string' || value === '' || value.includes('${env:')) return false;
  return isSecretName(name) || holdsCredentials(value);
}
