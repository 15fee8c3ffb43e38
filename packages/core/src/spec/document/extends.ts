import { isAbsolute, relative, resolve } from 'node:path';
import { FedxError } from '../../errors/index.js';
import { isSlot } from '../slots/slots.js';
import { type Finding, specError } from './diagnostics.js';
import { checkValues } from './limits.js';
import { rivalOf } from './local-work.js';
import { choosesAnother, type MappingTree, type Tree } from './located-tree.js';
import { readBaseSpec } from './read-spec.js';
import { fileSource, folderOf, type Source, type Span } from './source.js';
import { type Environment, expandText } from './variables.js';
import { parseYaml, specStart } from './yaml.js';

/** A spec file laid over what it extends. */
export interface SpecDocument {
  /** Without `extends` and `directory`, which have done their work. */
  readonly tree: MappingTree;
  readonly findings: readonly Finding[];
  /** Where the spec's relative paths start; absolute. */
  readonly directory: string;
  /** The same of every file that it was read from. */
  readonly directories: ReadonlyMap<Source, string>;
}

/** So many files make up the largest spec; more are a mistake, or meant to keep us busy. */
const maxFiles = 16;

/** A file on the way from the spec to one that it extends. */
interface Link {
  readonly path: string;
  readonly name: string;
}

/** A value of `extends`, and where it is written. */
interface Reference {
  readonly path: string;
  readonly at: Span;
}

/**
 * Reads a spec with all that it extends. Of several bases a later one is laid over an earlier one, and the file over
 * them all: mappings merge key by key, anything else replaces what was there, and a slot that chooses another plugin
 * takes none of the options of the base's. Relative paths start at the folder of the file that writes them.
 *
 * Throws FEDX_SPEC_SYNTAX, FEDX_SPEC_TOO_LARGE (also past {@link maxFiles} files), FEDX_SPEC_NOT_FOUND for a base that
 * cannot be read, and FEDX_SPEC_INVALID for one that is no mapping or extends itself; each with the way that led there.
 */
export async function readDocument(file: string, text: string, environment: Environment): Promise<SpecDocument> {
  const findings: Finding[] = [];
  const missing: Finding[] = [];
  const looped: Finding[] = [];
  const directories = new Map<Source, string>();
  const trees = new Map<string, MappingTree>();
  const main = fileSource(file, text);
  const tree = await readOne(main, [{ path: resolve(file), name: file }]);
  if (missing.length > 0) throw specError('FEDX_SPEC_NOT_FOUND', missing);
  if (looped.length > 0) throw specError('FEDX_SPEC_INVALID', looped);
  return { tree, findings, directory: directories.get(main) ?? folderOf(file), directories };

  async function readOne(source: Source, chain: readonly Link[]): Promise<MappingTree> {
    const written = parseYaml({ source, from: 0, path: [], code: 'FEDX_SPEC_SYNTAX' });
    findings.push(...written.findings);
    const whole = asMapping(written.tree, source.name);
    const directory = resolve(folderOf(source.name), directoryOf(whole));
    directories.set(source, directory);
    const own = without(whole, ['extends', 'directory']);
    const bases: MappingTree[] = [];
    // One after the other, so that of the same spec the same errors come in the same order.
    for (const reference of referencesOf(whole)) {
      const base = await readBase(reference, directory, chain);
      if (base !== undefined) bases.push(base);
    }
    const tree = bases.reduceRight<MappingTree>((over, base) => lay(base, over, []), own);
    checkValues(tree);
    return tree;
  }

  async function readBase(
    { path, at }: Reference,
    directory: string,
    chain: readonly Link[],
  ): Promise<MappingTree | undefined> {
    const absolute = resolve(directory, path);
    const link = { path: absolute, name: isAbsolute(file) ? absolute : relative('', absolute) };
    const way = [...chain, link].map(({ name }) => name).join(' -> ');
    const hint = `The way there: ${way}.`;
    if (chain.some((earlier) => earlier.path === absolute)) {
      looped.push({ at, path: 'extends', message: `${link.name} extends itself.`, hint });
      return undefined;
    }
    const known = trees.get(absolute);
    if (known !== undefined) return known;
    if (directories.size >= maxFiles) {
      throw specError('FEDX_SPEC_TOO_LARGE', [{ ...tooMany(at), hint }]);
    }
    try {
      const content = await readBaseSpec(absolute, link.name);
      const tree = await readOne(fileSource(link.name, content, directories.size), [...chain, link]);
      trees.set(absolute, tree);
      return tree;
    } catch (error) {
      if (!(error instanceof FedxError && error.code === 'FEDX_SPEC_NOT_FOUND' && error.diagnostics.length === 0))
        throw error;
      missing.push({ at, path: 'extends', message: error.message, hint });
      return undefined;
    }
  }

  function directoryOf(tree: MappingTree): string {
    const entry = tree.entries.get('directory');
    if (entry === undefined) return '.';
    const [reference] = textsOf(entry.value, 'directory', 'a folder');
    return reference?.path ?? '.';
  }

  function referencesOf(tree: MappingTree): readonly Reference[] {
    const entry = tree.entries.get('extends');
    if (entry === undefined) return [];
    if (entry.value.kind !== 'list') return textsOf(entry.value, 'extends', 'the path of a spec, or a list of paths');
    const beyond = entry.value.items[maxFiles];
    if (beyond !== undefined) throw specError('FEDX_SPEC_TOO_LARGE', [tooMany(beyond.span)]);
    return entry.value.items.flatMap((item, index) => textsOf(item, `extends.${index}`, 'the path of a spec'));
  }

  /** The text of a key that is read before the schema is asked; nothing where it is something else, which is reported. */
  function textsOf(tree: Tree, path: string, expected: string): readonly Reference[] {
    const value = tree.kind === 'scalar' ? tree.value : null;
    if (typeof value !== 'string' || !/^[^\0]{1,4096}$/.test(value)) {
      findings.push({ at: tree.span, path, message: `${path} must be ${expected}.` });
      return [];
    }
    const { text: expanded, problems } = expandText(value, environment);
    findings.push(...problems.map((problem) => ({ at: tree.span, path, ...problem })));
    return problems.length > 0 ? [] : [{ path: expanded, at: tree.span }];
  }
}

function tooMany(at: Span): Finding {
  return { at, path: 'extends', message: `This spec extends more than ${maxFiles - 1} files.` };
}

function asMapping(tree: Tree, file: string): MappingTree {
  if (tree.kind === 'mapping') return tree;
  const isEmpty = tree.kind === 'scalar' && tree.value === null;
  const message = isEmpty
    ? `${file} is empty.`
    : `A spec is a mapping of keys, but this is ${tree.kind === 'list' ? 'a list' : 'a plain value'}.`;
  throw specError('FEDX_SPEC_INVALID', [{ at: tree.span, path: '', message, hint: specStart }]);
}

function without(tree: MappingTree, names: readonly string[]): MappingTree {
  return { ...tree, entries: new Map([...tree.entries].filter(([name]) => !names.includes(name))) };
}

/** `over` laid over `base`, where both lie at `path`. */
function lay(base: MappingTree, over: MappingTree, path: readonly string[]): MappingTree {
  if (isSlot(path) && choosesAnother(base, over)) return over;
  const replaced = new Set([...over.entries.keys()].map((name) => rivalOf(path, name)));
  const entries = new Map([...base.entries].filter(([name]) => !replaced.has(name)));
  for (const [name, { key, value }] of over.entries) {
    const below = base.entries.get(name)?.value;
    const merged = below?.kind === 'mapping' && value.kind === 'mapping' ? lay(below, value, [...path, name]) : value;
    entries.set(name, { key, value: merged });
  }
  return { ...over, entries };
}
