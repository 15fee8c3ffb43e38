import type { ErrorObject, ValidateFunction } from 'ajv';
import { nearestName, suggest } from '../../names/index.js';
import { type Finding, maxFindings, pathText, quote } from '../document/diagnostics.js';
import { find, nearest, type Tree } from '../document/located-tree.js';
import type { Span } from '../document/source.js';
import { type Surroundings, surroundingsOf } from './conditions.js';
import { describe, type JsonSchema, show } from './json-schema.js';

/** Compiles schemas into checks, each schema once. Throws what ajv throws where the schema itself is wrong. */
export interface Validator {
  compile(schema: JsonSchema): Check;
}

/** Fills in the schema's defaults, in place, and says what is wrong with `data`. */
export type Check = (data: unknown, subject: Subject) => readonly Finding[];

/** What is checked, for places and wording. */
export interface Subject {
  /** The data as it was written. */
  readonly tree: Tree;
  /** Where in the spec it lies. */
  readonly path: readonly string[];
  /** The key that leads to it; absent for the document. */
  readonly key?: Span;
  /** For a plugin's options: the plugin, e.g. `the optimizer sgd`. */
  readonly plugin?: string;
}

let validator: Promise<Validator> | undefined;

/** The validator of this process: ajv is loaded when there is something to validate, and each schema compiled once. */
export function loadValidator(): Promise<Validator> {
  validator ??= createValidator();
  return validator;
}

async function createValidator(): Promise<Validator> {
  const { Ajv } = await import('ajv');
  const ajv = new Ajv({
    allErrors: true,
    useDefaults: true,
    // A schema's typing error must not switch a check off silently.
    strict: true,
    strictTypes: false,
    strictTuples: false,
    // `constructor` in a schema's properties must not find Object's.
    ownProperties: true,
    verbose: true,
    logger: false,
    validateSchema: false,
    addUsedSchema: false,
    // Each schema validates a few values: polishing its code costs more than it saves.
    code: { optimize: false },
  });
  ajv.addFormat('path', true);
  ajv.addKeyword({ keyword: 'expected', schemaType: 'string' });
  ajv.addKeyword({ keyword: 'slot', schemaType: 'string' });
  const checks = new Map<JsonSchema, Check>();
  return {
    compile(schema) {
      const check = checks.get(schema) ?? createCheck(ajv.compile(schema));
      checks.set(schema, check);
      return check;
    },
  };
}

function createCheck(validate: ValidateFunction): Check {
  return (data, subject) => {
    if (validate(data)) return [];
    const errors = relevant((validate.errors ?? []).slice(0, maxFindings));
    return errors.map((error) => ({
      ...translate(error, validate.schema as JsonSchema, subject),
      ...(isMisspelt(error, errors) && { isImplied: true }),
    }));
  };
}

/** Without the errors that only say that another one happened: one for each branch of a choice. */
function relevant(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  const inChoice = ({ instancePath, schemaPath }: ErrorObject): boolean =>
    choices.some(
      (choice) => instancePath.startsWith(choice.instancePath) && schemaPath.startsWith(`${choice.schemaPath}/`),
    );
  return errors.filter((error) => error.keyword !== 'if' && !inChoice(error));
}

/** Whether an error asks for a key that is there, but misspelt, which another of the errors says. */
function isMisspelt(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  const missing = missingKeys(error);
  return errors.some(({ keyword, instancePath, params, parentSchema }) => {
    if (keyword !== 'additionalProperties' || instancePath !== error.instancePath || missing.length === 0) return false;
    const { properties = {} }: JsonSchema = parentSchema ?? {};
    const meant = nearestName(String(params.additionalProperty), Object.keys(properties));
    return meant !== undefined && missing.includes(meant);
  });
}

/** The key that an error asks for, or all of those of which it asks for one. */
function missingKeys({ keyword, params, parentSchema }: ErrorObject): readonly string[] {
  if (keyword === 'required' || keyword === 'dependencies') return [String(params.missingProperty)];
  // Where several branches of a choice pass, too much is there.
  if (keyword !== 'anyOf' && (keyword !== 'oneOf' || params.passingSchemas !== null)) return [];
  const { anyOf = [], oneOf = anyOf }: JsonSchema = parentSchema ?? {};
  return oneOf.flatMap(({ required = [] }) => required);
}

function translate(error: ErrorObject, root: JsonSchema, subject: Subject): Finding {
  const inner = pointerSteps(error.instancePath);
  const path = [...subject.path, ...inner];
  const schema: JsonSchema = error.parentSchema ?? {};
  const params: Readonly<Record<string, unknown>> = error.params;
  const surroundings = surroundingsOf(root, pointerSteps(error.schemaPath));
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(String(params.additionalProperty), schema, inner, path, subject);
    case 'required':
      return missingKey(String(params.missingProperty), schema, surroundings, inner, path, subject);
    case 'dependencies': {
      const beside = { ...surroundings, where: ` beside ${String(params.property)}` };
      return missingKey(String(params.missingProperty), schema, beside, inner, path, subject);
    }
    case 'false schema':
      return keyWithoutUse(surroundings, inner, path, subject);
    default:
      return wrongValue(error, schema, surroundings, inner, path, subject);
  }
}

function unknownKey(
  key: string,
  schema: JsonSchema,
  inner: readonly string[],
  path: readonly string[],
  subject: Subject,
): Finding {
  const known = Object.keys(schema.properties ?? {});
  const isOption = subject.plugin !== undefined && inner.length === 0;
  const owner = isOption ? ` of ${subject.plugin}` : path.length > 0 ? ` in ${pathText(path)}` : '';
  const label = isOption ? 'Options' : 'Keys here';
  const located = find(subject.tree, [...inner, key]);
  return {
    at: located?.key ?? subject.tree.span,
    path: pathText([...path, key]),
    message: `Unknown ${isOption ? 'option' : 'key'} ${quote(key)}${owner}.`,
    hint: suggest(key, known, label, isOption ? ['use'] : []) || `There are no ${isOption ? 'options' : 'keys here'}.`,
  };
}

function missingKey(
  key: string,
  schema: JsonSchema,
  { whole, where }: Surroundings,
  inner: readonly string[],
  path: readonly string[],
  subject: Subject,
): Finding {
  const misspelt = misspeltKey(key, whole, inner, subject);
  if (misspelt !== undefined) {
    const message = `Unknown key ${quote(misspelt.name)} in ${pathText(path)}.`;
    return { at: misspelt.at, path: pathText([...path, misspelt.name]), message, hint: `Did you mean ${key}?` };
  }
  const expected = { ...whole.properties?.[key], ...schema.properties?.[key] };
  const owner = path.length > 0 ? pathText(path) : (subject.plugin?.replace('the', 'The') ?? 'The spec');
  const what = Object.keys(expected).length === 0 ? '' : `: ${describe(expected)}`;
  return {
    at: parentPlace(inner, subject),
    path: pathText([...path, key]),
    message: `${owner} needs ${key}${where}${what}.`,
    ...(typeof expected.description === 'string' && { hint: expected.description }),
  };
}

function keyWithoutUse(
  { where }: Surroundings,
  inner: readonly string[],
  path: readonly string[],
  { tree }: Subject,
): Finding {
  const located = nearest(tree, inner);
  const text = pathText(path);
  const message = `${text} has no use${where === '' ? ' here' : where}.`;
  return { at: located.key ?? located.tree.span, path: text, message, hint: 'Leave it out.' };
}

/**
 * The key that was probably meant to be the missing one, in a mapping that is open to keys that its schema does not list:
 * there a misspelt `use` would pass for an option.
 */
function misspeltKey(
  key: string,
  { additionalProperties, properties = {} }: JsonSchema,
  inner: readonly string[],
  { tree }: Subject,
): { readonly name: string; readonly at: Span } | undefined {
  const mapping = find(tree, inner)?.tree;
  if (additionalProperties === false || mapping?.kind !== 'mapping') return undefined;
  for (const [name, entry] of mapping.entries) {
    if (!Object.hasOwn(properties, name) && nearestName(name, [key]) !== undefined) return { name, at: entry.key };
  }
  return undefined;
}

/** The key that leads to the mapping, as the mapping itself may be long; without a key, its first character. */
function parentPlace(inner: readonly string[], { tree, key }: Subject): Span {
  const parent = nearest(tree, inner);
  const { source, from } = parent.tree.span;
  return (inner.length === 0 ? key : parent.key) ?? { source, from, to: from + 1 };
}

function wrongValue(
  error: ErrorObject,
  schema: JsonSchema,
  { where }: Surroundings,
  inner: readonly string[],
  path: readonly string[],
  subject: Subject,
): Finding {
  const data: unknown = error.data;
  const text = pathText(path);
  const choice = /^(anyOf|oneOf)$/.test(error.keyword) ? keysToChoose(schema) : undefined;
  if (choice !== undefined) {
    const given = (key: string): Span | undefined => find(subject.tree, [...inner, key])?.key;
    const kept = choice.filter((keys) => keys.every((key) => given(key) !== undefined));
    const keys = choice.map((together) => together.join(' and ')).join(' or ');
    return kept.length > 1
      ? {
          at: given(kept.at(-1)?.[0] ?? '') ?? parentPlace(inner, subject),
          path: text,
          message: `${text} takes ${keys}, not both.`,
          hint: 'Keep one of them.',
        }
      : { at: parentPlace(inner, subject), path: text, message: `${text} needs ${keys}.` };
  }
  if (error.keyword === 'uniqueItems') return repeatedItem(error, inner, path, subject);
  const hint = valueHint(data, schema, text);
  return {
    at: nearest(subject.tree, inner).tree.span,
    path: text,
    message: describedKeywords.has(error.keyword)
      ? `${text === '' ? 'A spec' : text} must be ${describe(schema)}${where}, got ${show(data)}.`
      : `${text} ${error.message ?? 'is not allowed'}.`,
    ...(hint !== undefined && { hint }),
  };
}

/** At the later of two equal items of a list. */
function repeatedItem(
  { data, params }: ErrorObject,
  inner: readonly string[],
  path: readonly string[],
  { tree }: Subject,
): Finding {
  const { i, j } = params as { readonly i: number; readonly j: number };
  const later = Math.max(i, j);
  const text = pathText(path);
  return {
    at: nearest(tree, [...inner, String(later)]).tree.span,
    path: text,
    message: `${text} has ${show((data as readonly unknown[])[later])} twice.`,
    hint: 'Leave one of them out.',
  };
}

/** The keys between which a mapping has to choose, where that is all that the branches of a schema's choice ask for. */
function keysToChoose({
  anyOf,
  oneOf = anyOf,
  type,
  expected,
}: JsonSchema): readonly (readonly string[])[] | undefined {
  const keys = oneOf?.flatMap(({ required }) => (required === undefined ? [] : [required]));
  return type === 'object' && expected === undefined && keys?.length === oneOf?.length ? keys : undefined;
}

/** The keywords that {@link describe} puts into words. */
const describedKeywords: ReadonlySet<string> = new Set([
  ...['type', 'enum', 'const', 'anyOf', 'oneOf', 'pattern', 'minLength', 'maxLength', 'minItems', 'maxItems'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minProperties', 'maxProperties'],
]);

function valueHint(data: unknown, schema: JsonSchema, path: string): string | undefined {
  if (typeof data !== 'string') return undefined;
  const near = nearestName(data, wordsOf(schema));
  if (near !== undefined && near !== data) return `Did you mean ${near}?`;
  const { type, properties } = schema;
  if (type === 'object' && properties !== undefined && 'use' in properties) return `Write ${path}: { use: ${data} }.`;
  const isNumber = data.trim() !== '' && Number.isFinite(Number(data));
  return isNumber && (type === 'number' || type === 'integer') ? 'Write the number without quotes.' : undefined;
}

/** The words that a schema allows. */
function wordsOf(schema: JsonSchema): readonly string[] {
  const own = [...(schema.enum ?? []), ...('const' in schema ? [schema.const] : [])];
  const words = own.filter((value) => typeof value === 'string');
  return [...words, ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap(wordsOf)];
}

/** The steps of a JSON pointer (RFC 6901). */
function pointerSteps(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
