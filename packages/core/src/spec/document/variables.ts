import { holdsCredentials, keepSecret } from '../../errors/index.js';
import { type Finding, pathText } from './diagnostics.js';
import { expandedTooLarge, maxBytes } from './limits.js';
import type { MappingTree, Tree } from './located-tree.js';

/** The environment that `${env:NAME}` reads, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A reference in a text: what stands before it, and its body. `$${env:…}` is no reference but stands for `${env:…}`.
 * An unterminated one has no closing brace.
 */
const reference = /(\$?)\$\{env:([^}]*)(\}?)/g;

/** `NAME`, or `NAME:-text to use where it is not set or empty`. */
const body = /^([A-Za-z_]\w*)(?::-(.*))?$/s;

/** Names of variables whose values are for nobody's eyes: API_KEY, TOKEN, DB_PASSWORD. */
const secretName = /KEY|TOKEN|SECRET|PASS|CREDENTIAL|PRIVATE|_PWD|(^|_)AUTH(_|$)/i;

/** A text with its references replaced, as far as they may be. */
export interface ExpandedText {
  readonly text: string;
  /** The variables that it names. */
  readonly variables: readonly string[];
  /** What is wrong with its references. */
  readonly problems: readonly Problem[];
}

interface Problem {
  readonly message: string;
  readonly hint: string;
}

/**
 * Replaces `${env:NAME}` by the variable's value. A reference to a variable with a secret's name, or whose value is an
 * address with a password or token in it, stays as it is written,
 * so that the value reaches no stored spec, hash or message; {@link fillSecrets} reads it when a plugin is made.
 * What a value itself says of `${env:` is text, and written as `$${env:`.
 */
export function expandText(text: string, environment: Environment): ExpandedText {
  const variables: string[] = [];
  const problems: Problem[] = [];
  let expanded = '';
  let literal = '';
  let end = 0;
  for (const match of text.matchAll(reference)) {
    const [whole, escape = '', inner = '', brace = ''] = match;
    literal += text.slice(end, match.index);
    end = match.index + whole.length;
    if (escape !== '') {
      literal += whole.slice(1);
      continue;
    }
    const [, name, fallback] = body.exec(inner) ?? [];
    if (name === undefined || brace === '') {
      problems.push(malformed(whole));
      continue;
    }
    variables.push(name);
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    const chosen = valueOr(value, fallback);
    if (chosen === undefined) problems.push(notSet(name));
    // What is not set stays as well, so that nothing else is found amiss in what it would have made.
    if (chosen === undefined || secretName.test(name) || holdsCredentials(chosen)) {
      expanded += escaped(literal) + whole;
      literal = '';
    } else literal += chosen;
  }
  return { text: expanded + escaped(literal + text.slice(end)), variables, problems };
}

/** As in a shell, a default also stands in for a variable that is empty. */
function valueOr(value: string | undefined, fallback: string | undefined): string | undefined {
  return value === undefined || value === '' ? (fallback ?? value) : value;
}

function escaped(literal: string): string {
  return literal.replaceAll('${env:', () => '$${env:');
}

function malformed(written: string): Problem {
  const shown = written.length > 40 ? `${written.slice(0, 40)}…` : written;
  return {
    message: `${JSON.stringify(shown)} is no reference to an environment variable.`,
    hint: 'Write ${env:NAME} or ${env:NAME:-default}; for the text itself, $${env:NAME}.',
  };
}

function notSet(name: string): Problem {
  const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
  return {
    message: `The environment variable ${shown} is not set.`,
    hint: `Set it, or write \${env:${shown}:-default}.`,
  };
}

/** `tree` with every text expanded ({@link expandText}). Keys are left alone. Throws FEDX_SPEC_TOO_LARGE. */
export function expandVariables(
  tree: MappingTree,
  environment: Environment,
): { readonly tree: MappingTree; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  // An alias stands for the tree of its anchor: expanded once, it stays one tree.
  const done = new Map<Tree, Tree>();
  let size = 0;
  return { tree: mapping(tree, []), findings };

  function expand(before: Tree, path: readonly string[]): Tree {
    const known = done.get(before);
    if (known !== undefined) return known;
    const after =
      before.kind === 'mapping'
        ? mapping(before, path)
        : before.kind === 'list'
          ? list(before, path)
          : scalar(before, path);
    done.set(before, after);
    return after;
  }

  function mapping(before: MappingTree, path: readonly string[]): MappingTree {
    const entries = [...before.entries].map(
      ([name, { key, value }]) => [name, { key, value: expand(value, [...path, name]) }] as const,
    );
    return { ...before, entries: new Map(entries) };
  }

  function list(before: Tree & { readonly kind: 'list' }, path: readonly string[]): Tree {
    return { ...before, items: before.items.map((item, index) => expand(item, [...path, String(index)])) };
  }

  function scalar(before: Tree & { readonly kind: 'scalar' }, path: readonly string[]): Tree {
    if (typeof before.value !== 'string' || !before.value.includes('${env:')) return before;
    const { text, variables, problems } = expandText(before.value, environment);
    size += text.length;
    if (size > maxBytes) throw expandedTooLarge(before.span);
    findings.push(...problems.map((problem) => ({ at: before.span, path: pathText(path), ...problem })));
    return { ...before, value: text, variables };
  }
}

/**
 * A plugin's options with what {@link expandText} left of references filled in. Throws nothing: that every variable is
 * set was checked when the spec was read. From then on messages cover what was filled in.
 */
export function fillSecrets(
  options: Readonly<Record<string, unknown>>,
  environment: Environment,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, fill(value, environment)]));
}

function fill(value: unknown, environment: Environment): unknown {
  if (typeof value === 'string') return value.includes('${env:') ? fillText(value, environment) : value;
  if (Array.isArray(value)) return value.map((item) => fill(item, environment));
  if (typeof value !== 'object' || value === null) return value;
  return fillSecrets(value as Readonly<Record<string, unknown>>, environment);
}

function fillText(text: string, environment: Environment): string {
  return text.replace(reference, (whole, escape: string, inner: string) => {
    if (escape !== '') return whole.slice(1);
    const [, name = '', fallback] = body.exec(inner) ?? [];
    const value = valueOr(environment[name], fallback) ?? '';
    // A default stands in the spec for all to read, and may be an everyday word.
    if (value !== fallback) keepSecret(value);
    return value;
  });
}
