import type { JsonSchema } from '@fedx/core/host';
import { overridePaths, overrideValues } from './spec-paths.js';

/** A word that could stand at the cursor. One that ends in `/`, `=` or `.` is not whole yet: no space follows it. */
export interface Candidate {
  readonly value: string;
  readonly description?: string | undefined;
}

/** A command as completion sees it. */
export interface CommandShape {
  /** The words that call it, e.g. `['runs', 'show']`. */
  readonly words: readonly string[];
  readonly summary?: string | undefined;
  readonly args: readonly { readonly name: string; readonly options?: readonly string[] | undefined }[];
  readonly flags: readonly FlagShape[];
}

export interface FlagShape {
  readonly name: string;
  readonly description?: string | undefined;
  /** Whether a value follows it. */
  readonly takesValue: boolean;
  readonly options?: readonly string[] | undefined;
}

/** What completion may ask about the world. */
export interface Surroundings {
  readonly commands: readonly CommandShape[];
  /** YAML files and folders whose path starts with `prefix`. */
  readonly specFiles: (prefix: string) => Promise<readonly Candidate[]>;
  /** A spec as it stands, unchecked; undefined where it cannot be read. */
  readonly draftSpec: (file: string, overrides: readonly string[]) => Promise<unknown>;
  /** The schema of specs with the plugins that ship. */
  readonly specSchema: () => Promise<JsonSchema>;
}

const helpFlag: FlagShape = { name: 'help', description: 'Show help.', takesValue: false };

/** What could stand at the cursor: `words` come before it, without the program's name; `current` is what is typed so far. */
export async function candidatesFor(
  words: readonly string[],
  current: string,
  surroundings: Surroundings,
): Promise<readonly Candidate[]> {
  const { commands } = surroundings;
  const command = commandOf(words, commands);
  const subcommands = nextWords(words, commands);
  if (command === undefined)
    return startingWith(current, [...subcommands, ...(words.length === 0 ? [flag(helpFlag)] : [])]);

  const rest = words.slice(command.words.length);
  const awaited = command.flags.find((one) => one.takesValue && rest.at(-1) === `--${one.name}`);
  if (awaited !== undefined) return startingWith(current, (awaited.options ?? []).map(plain));
  if (current.startsWith('-')) return startingWith(current, [...command.flags, helpFlag].flatMap(flagWithValues));
  const values = positional(rest, command.flags);
  const arg = command.args[Math.min(values.length, command.args.length - 1)];
  const offered = arg === undefined ? [] : await argument(arg, values, current, surroundings);
  return [...startingWith(current, values.length === 0 ? subcommands : []), ...offered];
}

async function argument(
  { name, options }: CommandShape['args'][number],
  before: readonly string[],
  current: string,
  { draftSpec, specFiles, specSchema }: Surroundings,
): Promise<readonly Candidate[]> {
  if (options !== undefined) return startingWith(current, options.map(plain));
  if (name === 'spec' || name === 'specs') return specFiles(current);
  if (name !== 'overrides') return [];
  const [file = '', ...overrides] = before;
  const [schema, draft] = await Promise.all([specSchema(), draftSpec(file, overrides)]);
  const equals = current.indexOf('=');
  if (equals === -1) return startingWith(current, overridePaths(schema, draft));
  const path = current.slice(0, equals);
  return startingWith(
    current,
    overrideValues(schema, draft, path.split('.')).map((one) => ({ ...one, value: `${path}=${one.value}` })),
  );
}

/** The command that `words` call: of several the longest, as `runs show` is longer than `runs`. */
function commandOf(words: readonly string[], commands: readonly CommandShape[]): CommandShape | undefined {
  return commands
    .filter((command) => command.words.every((word, index) => words[index] === word))
    .toSorted((a, b) => b.words.length - a.words.length)[0];
}

/** The words that go on from `words` to the name of a command. */
function nextWords(words: readonly string[], commands: readonly CommandShape[]): readonly Candidate[] {
  const next = new Map<string, string | undefined>();
  for (const command of commands) {
    const word = command.words[words.length];
    if (word === undefined || !words.every((one, index) => command.words[index] === one)) continue;
    if (command.words.length === words.length + 1 || !next.has(word)) next.set(word, command.summary);
  }
  return [...next].map(([value, description]) => ({ value, description }));
}

/** The words that are neither flags nor values of flags. */
function positional(words: readonly string[], flags: readonly FlagShape[]): readonly string[] {
  const takesNext = (word: string | undefined) =>
    flags.some(({ name, takesValue }) => takesValue && word === `--${name}`);
  return words.filter((word, index) => !word.startsWith('-') && !takesNext(words[index - 1]));
}

function flagWithValues(one: FlagShape): readonly Candidate[] {
  return [flag(one), ...(one.options ?? []).map((value) => plain(`--${one.name}=${value}`))];
}

function flag({ name, description }: FlagShape): Candidate {
  return { value: `--${name}`, description };
}

function plain(value: string): Candidate {
  return { value };
}

function startingWith(current: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(current));
}
