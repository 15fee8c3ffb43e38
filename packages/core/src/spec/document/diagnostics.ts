import { type Diagnostic, type ErrorCode, FedxError, printable, redact, redactWritten } from '../../errors/index.js';
import { lineAt, positionOf, type Span } from './source.js';

/** Something wrong with a spec, before its place is worked out. */
export interface Finding {
  readonly at: Span;
  /** Where in the spec, as {@link pathText} writes it; empty for the document itself. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
  /** Whether another finding says it better, so that this one is never shown. */
  readonly isImplied?: boolean;
}

/** So many findings are shown; more help nobody. */
const maxDiagnostics = 100;

/** So many are collected from one check of one document: sorting out more takes long, and nobody reads them. */
export const maxFindings = 1000;

/** So much of a line a diagnostic holds, of it so much before its place: a spec may be one line of a megabyte. */
const maxText = 1000;
const textBefore = 500;

const maxPath = 200;

/** `text`, or its beginning where it is longer than `length`: what a message repeats of a spec has a limit. */
export function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** A path as overrides write it: `client.optimizer.learningRate`; a key that is no plain word is quoted, a very long one cut. */
export function pathText(path: readonly string[]): string {
  return path.map((key) => (/^[\w-]{1,100}$/.test(key) ? key : quote(key))).join('.');
}

/** A name from a spec as messages show it: in quotes, and no longer than a line. */
export function quote(name: string): string {
  return JSON.stringify(shorten(name, 60));
}

/**
 * One error for all findings, sorted by place: the file first, then the arguments in their order.
 * Of several findings about one place and path only the first is kept: the others follow from it.
 */
export function specError(code: ErrorCode, findings: readonly Finding[]): FedxError {
  const said = findings.filter(({ isImplied }) => isImplied !== true);
  const sorted = said.toSorted(
    (a, b) => a.at.source.order - b.at.source.order || a.at.from - b.at.from || a.at.to - b.at.to,
  );
  const distinct = firstOfEachPlace(sorted);
  const diagnostics = distinct.slice(0, maxDiagnostics).map(locate);
  const [first] = diagnostics;
  if (first === undefined) throw new FedxError('FEDX_INTERNAL', 'A spec was refused without a finding.');
  const message =
    diagnostics.length === 1 ? first.message : `${countText(distinct.length)} in the spec; the first: ${first.message}`;
  return new FedxError(code, message, {
    place: { file: first.source, ...first.start },
    diagnostics,
    ...(diagnostics.length === 1 && first.hint !== undefined && { hint: first.hint }),
  });
}

function countText(errors: number): string {
  return errors < maxFindings ? `${errors} errors` : `${maxFindings} errors or more`;
}

function firstOfEachPlace(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ at, path }) => {
    const key = `${at.source.order}:${at.from}:${at.to}:${path.slice(path.lastIndexOf('.') + 1)}`;
    return !seen.has(key) && seen.add(key);
  });
}

function locate({ at, path, message, hint }: Finding): Diagnostic {
  const start = positionOf(at.source, at.from);
  const line = redactWritten(lineAt(at.source, at.from));
  const cut = Math.max(0, Math.min(start.column - 1 - textBefore, line.length - maxText));
  return {
    message: redact(message),
    source: shorten(redactWritten(at.source.name), maxText),
    ...(at.source.kind === 'argument' && { isArgument: true }),
    start,
    end: positionOf(at.source, at.to),
    text: line.slice(cut, cut + maxText),
    textColumn: cut + 1,
    path: shorten(path, maxPath),
    ...(hint !== undefined && { hint: redact(hint) }),
  };
}

/**
 * Diagnostics as compilers print them, in plain text:
 * ```
 * noniid.yaml:9:3: unknown key "rouns" in server
 *   9 |   rouns: 100
 *     |   ^^^^^
 *     = Did you mean rounds? Keys here: rounds, cohort.
 * ```
 */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(render).join('\n\n');
}

function render({ message, source, isArgument = false, start, end, text, textColumn, hint }: Diagnostic): string {
  const { shown, before, marked } = window(
    text,
    start.column - textColumn,
    end.line === start.line ? Math.min(end.column - textColumn, text.length) : text.length,
  );
  const number = String(start.line);
  const gutter = ' '.repeat(number.length);
  const lines = [
    // An argument is its own text; places in it need no numbers.
    `${isArgument ? shorten(source, windowWidth) : `${source}:${start.line}:${start.column}`}: ${message}`,
    `  ${number} | ${shown}`,
    // A tab stays a tab, so that the caret stands below its character whatever the tab width.
    `  ${gutter} | ${before.replace(/[^\t]/g, ' ')}${'^'.repeat(Math.max(1, marked))}`,
  ];
  if (hint !== undefined) lines.push(`  ${gutter} = ${hint}`);
  return lines.map(printable).join('\n');
}

const windowWidth = 120;

/** The part of a line to show around `[from, to)`: whole lines up to {@link windowWidth}, else a piece with `…` at the cuts. */
function window(text: string, from: number, to: number): { shown: string; before: string; marked: number } {
  if (text.length <= windowWidth) return { shown: text, before: text.slice(0, from), marked: to - from };
  const start = Math.max(0, Math.min(from - 40, text.length - windowWidth));
  const end = start + windowWidth;
  const head = start > 0 ? '…' : '';
  return {
    shown: `${head}${text.slice(start, end)}${end < text.length ? '…' : ''}`,
    before: `${head}${text.slice(start, from)}`,
    marked: Math.min(to, end) - from,
  };
}
