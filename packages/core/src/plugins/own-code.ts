/** Which code is a plugin's own, and which of its lines an error comes from. Known by process, as stacks are. */
import { realpathSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ErrorPlace } from '../errors/index.js';
import { packageFolder } from '../package-folder.js';

/** Where code stands: absolute file, 1-based line and column. */
export type CodePlace = Required<Pick<ErrorPlace, 'file' | 'line' | 'column'>>;

/** More frames than Node keeps: between a plugin's call and what throws lie a dozen of tfjs's. */
const DEEPEST = 100;

/** The folder of fedx's packages: where it holds a plugin's folder or lies in it, as in a checkout, its code is not the plugin's. */
const ours = dirname(packageFolder);

/** Folders of the plugins that were loaded: each with all in it but what its node_modules hold. */
const folders = new Set<string>();

/** Inline source maps of transformed files, by file: data URLs, read where one is needed. */
const sourceMaps = new Map<string, string>();

/** Where each plugin was defined: the stack of that moment. */
const definitions = new WeakMap<object, Error>();

/** Takes what lies in `folder` for a plugin's own code, be it named by its path or by that which links lead to. */
export function noteOwnFolder(folder: string): void {
  folders.add(folder);
  folders.add(realpathSync(folder));
}

/** Notes what a file was transformed to; `code` may end with its inline source map. */
export function noteTransformed(file: string, code: string): void {
  const [, encoded] = /\n\/\/# sourceMappingURL=data:[^,\n]*;base64,([^\n]+)\s*$/.exec(code) ?? [];
  if (encoded !== undefined) sourceMaps.set(file, encoded);
}

/** Notes that the caller's caller defines `plugin`. */
export function noteDefinition(plugin: object): void {
  definitions.set(plugin, new Error());
}

/** Where a plugin that was loaded from a file was defined. */
export function definitionOf(plugin: object): CodePlace | undefined {
  return placeInOwnCode(definitions.get(plugin));
}

/** The innermost line of a plugin's own code that `error`, or else what caused it, comes from; undefined where there is none. */
export function placeInOwnCode(error: unknown): CodePlace | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const line of (error.stack ?? '').split('\n')) {
    const frame = readFrame(line);
    if (frame !== undefined && isOwn(frame.file)) return inSource(frame);
  }
  return placeInOwnCode(error.cause);
}

/** Calls with stacks that are deep enough for {@link placeInOwnCode}, as far as `call` throws before it first waits. */
export function withDeepStacks<Result>(call: () => Result): Result {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = DEEPEST;
  try {
    return call();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The place that a line of a stack names: `    at f (/a/b.ts:3:5)`, `    at async file:///a/b.js:3:5`. */
function readFrame(text: string): CodePlace | undefined {
  const within = /^\s+at .*? \((.+):(\d+):(\d+)\)$/.exec(text) ?? /^\s+at (?:async )?(.+):(\d+):(\d+)$/.exec(text);
  if (within === null) return undefined;
  const [, path = '', line, column] = within;
  const file = path.startsWith('file://') ? fileURLToPath(path) : path;
  return { file, line: Number(line), column: Number(column) };
}

function isOwn(file: string): boolean {
  return (
    !isWithin(ours, file) &&
    [...folders].some((folder) => isWithin(folder, file) && !relative(folder, file).split(sep).includes('node_modules'))
  );
}

function isWithin(folder: string, file: string): boolean {
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Where the author wrote what stands at a place of the transformed file. */
function inSource(frame: CodePlace): CodePlace {
  const encoded = sourceMaps.get(frame.file);
  if (encoded === undefined) return frame;
  const map = new SourceMap(JSON.parse(Buffer.from(encoded, 'base64').toString()) as SourceMapPayload);
  const origin = map.findOrigin(frame.line, frame.column);
  if (!('lineNumber' in origin)) return frame;
  return { file: frame.file, line: origin.lineNumber, column: origin.columnNumber };
}
