import {
  Composer,
  CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { ErrorCode, FedxError } from '../../errors/index.js';
import { type Finding, maxFindings, pathText, shorten, specError } from './diagnostics.js';
import { maxBytes, maxDepth, maxValues, tooLarge, tooManyValues } from './limits.js';
import { rivalOf } from './local-work.js';
import type { Entry, Tree } from './located-tree.js';
import { lineAt, positionOf, type Source, type Span } from './source.js';

/** A document that is well-formed YAML, and what is wrong with it all the same. */
export interface ParsedYaml {
  readonly tree: Tree;
  readonly findings: readonly Finding[];
}

/** What to parse: the document that starts at offset `from` of `source`. */
export interface YamlRequest {
  readonly source: Source;
  readonly from: number;
  /** Where in the spec the value belongs; empty for the spec itself. */
  readonly path: readonly string[];
  /** The error where the text is no single well-formed document. */
  readonly code: ErrorCode;
}

/**
 * Parses one YAML 1.2 document. Merge keys (`<<`) and aliases are followed.
 * Findings: duplicate keys, unknown tags, integers past 2^53, numbers that are not finite, keys that are not scalars.
 * Throws FEDX_SPEC_TOO_LARGE past the limits, and `code` where the text is no single well-formed document.
 */
export function parseYaml({ source, from, path, code }: YamlRequest): ParsedYaml {
  if (Buffer.byteLength(source.text) > maxBytes) throw tooLarge(source);
  const tokens = readTokens(source.text.slice(from), (offset) => tooDeep(span(offset, offset + 1)));
  const composer = new Composer({
    schema: 'core',
    uniqueKeys: false,
    intAsBigInt: true,
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  // A generator: of a thousand documents only two are ever made.
  const documents = composer.compose(tokens, true, source.text.length - from);
  const document = withoutStacks(() => documents.next().value as Document.Parsed | undefined);
  if (document === undefined) throw refused(span(0, 0), 'This is not YAML: nothing to read.');
  if (document.errors.length > 0) throw specError(code, notYaml(document.errors));
  const second = withoutStacks(() => documents.next().value as Document.Parsed | undefined);
  if (second !== undefined) {
    const start = second.contents?.range[0] ?? second.range[0];
    throw refused(
      span(start, start + 1),
      'A second YAML document starts here; a spec is one document.',
      'Keep one spec a file.',
    );
  }
  return buildTree(document, path, span);

  function span(start: number, end: number): Span {
    return { source, from: from + start, to: from + Math.max(start, end) };
  }

  /** The first error of each line: the others of the line follow from it. */
  function notYaml(errors: Document.Parsed['errors']): readonly Finding[] {
    const byLine = new Map<number, Finding>();
    for (const { pos, message } of errors.slice(0, maxFindings)) {
      const at = span(...pos);
      const { line } = positionOf(source, at.from);
      const hint =
        yamlHint(lineAt(source, at.from), message) ?? (byLine.size === 0 ? otherFileHint(source) : undefined);
      const finding = {
        at,
        path: pathText(path),
        message: `This is not YAML: ${shorten(message, 200)}.`,
        ...(hint !== undefined && { hint }),
      };
      if (!byLine.has(line)) byLine.set(line, finding);
    }
    return [...byLine.values()];
  }

  function refused(at: Span, message: string, hint?: string) {
    return specError(code, [{ at, path: pathText(path), message, ...(hint !== undefined && { hint }) }]);
  }
}

/** What to do about a file that is no spec. */
export const specStart = 'Begin with apiVersion: fedx/v1; the specs in experiments/ are examples.';

/** What is said of a file in which nothing looks like a spec: source code, HTML, a page of text. */
function otherFileHint({ kind, text }: Source): string | undefined {
  const isSpec = /^["']?(apiVersion|extends|name|dataset|partition|model|client|strategy|server)["']?:/m.test(text);
  return kind === 'argument' || isSpec ? undefined : specStart;
}

/** What to do about an error whose message speaks of YAML's grammar and not of the slip that leads to it. */
function yamlHint(line: string, message: string): string | undefined {
  if (line.includes('${env:')) return 'Inside [ ] and { }, write "${env:NAME}" in quotes.';
  if (message.startsWith('Tabs are not allowed')) return 'Indent with spaces.';
  if (message.startsWith('Block collections are not allowed within flow'))
    return 'Is a comma missing between two keys?';
  if (message.startsWith('All mapping items must start at the same column'))
    return 'Indent all keys of one mapping by the same number of spaces.';
  return /^\s*[\w-]+:\S/.test(line) ? 'Write a space after the colon.' : undefined;
}

/**
 * The text's concrete syntax, which yaml builds without recursion; of what is no YAML at all only so much as is ever
 * reported. Throws `tooDeep` at the first collection that nests deeper than {@link maxDepth}: composing a document
 * recurses, and yaml 2.9 can end the process on 10 kB of nested brackets.
 */
function readTokens(text: string, tooDeep: (offset: number) => FedxError): readonly CST.Token[] {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let errors = 0;
  const keep = (token: CST.Token): void => {
    if (token.type !== 'error' || ++errors <= maxFindings) tokens.push(token);
  };
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) keep(token);
    // What is being read, from the outside in.
    const beyond = parser.stack.length > maxDepth ? parser.stack.filter(CST.isCollection)[maxDepth] : undefined;
    if (beyond !== undefined) throw tooDeep(beyond.offset);
  }
  for (const token of parser.end()) keep(token);
  return tokens;
}

/** What `make` returns. A document may have a hundred thousand errors, and to trace the stack of each takes seconds. */
function withoutStacks<Value>(make: () => Value): Value {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function tooDeep(at: Span) {
  return specError('FEDX_SPEC_TOO_LARGE', [
    { at, path: '', message: `Brackets or indents nest deeper than ${maxDepth} levels here.` },
  ]);
}

/** A tree, with its size once aliases are expanded. */
interface Built {
  readonly tree: Tree;
  readonly values: number;
  readonly levels: number;
}

type Path = readonly string[];

function buildTree(document: Document, root: Path, span: (from: number, to: number) => Span): ParsedYaml {
  const findings: Finding[] = [];
  const anchors = new Map<string, Built>();
  for (const { pos, message } of document.warnings.slice(0, maxFindings)) {
    const hint = 'A spec needs no tags; leave it out.';
    findings.push({ at: span(...pos), path: '', message: `${shorten(message, 200)}.`, hint });
  }
  const { tree } = build(document.contents, root, span(0, 0));
  return { tree, findings };

  /** `fallback` is the place of a value that is not written at all, as in `key:`. */
  function build(node: unknown, path: Path, fallback: Span): Built {
    if (isAlias(node)) return buildAlias(node.source, path, spanOf(node, fallback));
    const built = isMap(node)
      ? buildMapping(node, path, spanOf(node, fallback))
      : isSeq(node)
        ? buildList(node.items, path, spanOf(node, fallback))
        : buildScalar(node, path, fallback);
    if (built.values > maxValues) throw tooManyValues(built.tree.span, pathText(path));
    if (built.levels > maxDepth) throw tooDeep(built.tree.span);
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) anchors.set(anchor, built);
    return built;
  }

  function buildAlias(name: string, path: Path, at: Span): Built {
    const target = anchors.get(name);
    if (target !== undefined) return { ...target, tree: { ...target.tree, span: at } };
    report(at, path, `There is no anchor &${shorten(name, 60)} before this alias.`);
    return { tree: { kind: 'scalar', value: null, span: at }, values: 1, levels: 0 };
  }

  function buildList(nodes: readonly unknown[], path: Path, at: Span): Built {
    const items = nodes.map((item, index) => build(item, [...path, String(index)], at));
    return { tree: { kind: 'list', items: items.map(({ tree }) => tree), span: at }, ...sizeOf(items) };
  }

  function buildMapping(node: YAMLMap, path: Path, at: Span): Built {
    const entries = new Map<string, Entry>();
    const merged: Built[] = [];
    const built: Built[] = [];
    for (const { key, value } of node.items) {
      if (!isScalar(key)) {
        report(spanOf(key, at), path, 'A key must be a plain word, not a list, a mapping or an alias.');
        continue;
      }
      const name = keyName(key);
      const keySpan = spanOf(key, at);
      if (name === '<<' && key.type === 'PLAIN') {
        merged.push(...mergeSources(value, path, keySpan));
        continue;
      }
      const first = entries.get(name);
      if (first !== undefined) {
        const { line } = positionOf(first.key.source, first.key.from);
        report(
          keySpan,
          [...path, name],
          `${pathText([...path, name])} is given twice; the first is in line ${line}.`,
          'Keep one of them.',
        );
        continue;
      }
      const entry = build(value, [...path, name], keySpan);
      entries.set(name, { key: keySpan, value: entry.tree });
      built.push(entry);
    }
    for (const { tree } of merged) {
      if (tree.kind !== 'mapping') continue;
      for (const [name, entry] of tree.entries)
        if (!entries.has(name) && !entries.has(rivalOf(path, name) ?? name)) entries.set(name, entry);
    }
    return { tree: { kind: 'mapping', entries, span: at }, ...sizeOf([...built, ...merged]) };
  }

  /** The mappings behind a merge key; of several, the first that has a key wins. */
  function mergeSources(value: unknown, path: Path, keySpan: Span): readonly Built[] {
    const sources: Built[] = [];
    let values = 0;
    for (const item of isSeq(value) ? value.items : [value]) {
      const merged = build(item, path, keySpan);
      values += merged.values;
      // Checked as it grows: to merge ten thousand keys ten thousand times takes long, though few remain.
      if (values > maxValues) throw tooManyValues(keySpan, pathText(path));
      if (merged.tree.kind !== 'mapping')
        report(merged.tree.span, path, 'A merge key << takes a mapping or a list of mappings.');
      sources.push(merged);
    }
    return sources;
  }

  function buildScalar(node: unknown, path: Path, fallback: Span): Built {
    const at = spanOf(node, fallback);
    const value = isScalar(node) ? scalarValue(node, path, at) : null;
    return { tree: { kind: 'scalar', value, span: at }, values: 1, levels: 0 };
  }

  function scalarValue({ value }: Scalar, path: Path, at: Span): string | number | boolean | null {
    const text = shorten(at.source.text.slice(at.from, at.to), 40);
    if (typeof value === 'bigint') {
      const number = Number(value);
      if (!Number.isSafeInteger(number)) {
        report(at, path, `${pathText(path)} is ${text}, an integer past 2^53 - 1 that would be rounded.`);
      }
      return number;
    }
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) report(at, path, `${pathText(path)} must be a finite number, got ${text}.`);
      return value === 0 ? 0 : value;
    }
    return typeof value === 'string' || typeof value === 'boolean' ? value : null;
  }

  function report(at: Span, path: Path, message: string, hint?: string): void {
    if (findings.length < maxFindings)
      findings.push({ at, path: pathText(path), message, ...(hint !== undefined && { hint }) });
  }

  /** Where a node is written, without the white space that a block collection drags along. */
  function spanOf(node: unknown, fallback: Span): Span {
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined;
    if (!range || range[0] === range[1]) return fallback;
    const { source, from, to } = span(range[0], range[1]);
    return { source, from, to: from + source.text.slice(from, to).trimEnd().length };
  }
}

function keyName({ type, source, value }: Scalar): string {
  return type === 'PLAIN' || typeof value !== 'string' ? (source ?? '') : value;
}

function sizeOf(children: readonly Built[]): { values: number; levels: number } {
  return {
    values: children.reduce((sum, { values }) => sum + values, 1),
    levels: 1 + children.reduce((most, { levels }) => Math.max(most, levels), 0),
  };
}
