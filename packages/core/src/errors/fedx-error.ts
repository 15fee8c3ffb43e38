import { catalogue, type ErrorCode } from './catalogue.js';
import { printable } from './printable.js';
import { redact } from './secrets.js';

/** Where something went wrong, as far as it is known. */
export interface ErrorPlace {
  /** What the user wrote: a spec, a plugin (absolute), data. */
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  readonly plugin?: string;
  readonly arm?: string;
  readonly round?: number;
  readonly client?: number;
  /** Folder of the run, from the working directory. */
  readonly run?: string;
}

/** One finding about a spec, as compilers report them. Lines and columns are 1-based; `end` is exclusive. */
export interface Diagnostic {
  readonly message: string;
  /** The spec file, or the argument (`strategy.mu=x`) that an override came from. */
  readonly source: string;
  /** Whether `source` is an argument. */
  readonly isArgument?: boolean;
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
  /** The text of the line at `start`; of a very long line, the part around `start`. */
  readonly text: string;
  /** The column at which `text` begins: 1 but for a very long line. */
  readonly textColumn: number;
  /** Where in the spec, e.g. `client.optimizer.learningRate`. */
  readonly path: string;
  readonly hint?: string;
}

export interface FedxErrorOptions {
  readonly place?: ErrorPlace;
  /** What the user can do about it; default: the catalogue's hint. */
  readonly hint?: string;
  readonly cause?: unknown;
  readonly diagnostics?: readonly Diagnostic[];
}

/**
 * Every failure that fedx can explain, in words that hold no secret that is known to be one. Told by `code`, never by `instanceof`: two copies of the class may be loaded.
 * `exitCode` is what the command line ends with.
 */
export class FedxError extends Error {
  readonly code: ErrorCode;
  readonly place: ErrorPlace;
  readonly hint: string;
  readonly exitCode: number;
  /** All findings at once, sorted by place; empty where the error is a single one. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(code: ErrorCode, message: string, options: FedxErrorOptions = {}) {
    super(redact(printable(message)), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FedxError';
    this.code = code;
    this.place = options.place ?? {};
    this.hint = options.hint === undefined ? catalogue[code].hint : redact(printable(options.hint));
    this.exitCode = catalogue[code].exitCode;
    this.diagnostics = options.diagnostics ?? [];
  }
}

/** Whether `error` carries one of fedx's codes. */
export function isFedxError(error: unknown): error is FedxError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code in catalogue;
}
