import { asksForJson } from './asks-for-json.js';
import { asFedxError } from './failure.js';
import { writeJson, writeLine } from './terminal.js';
import { unknownChoice } from './unknown-choice.js';
import { unknownCommand } from './unknown-command.js';
import { failureDocument, renderFailure } from './views/failure.js';
import { paintFor } from './views/paint.js';

/**
 * Prints what a command line threw as one coded error: on stderr, or with `--json` as the one document on stdout. Returns the
 * exit code. `root` is the folder of this package.
 */
export async function reportFailure(thrown: unknown, args: readonly string[], root: string): Promise<number> {
  const error = (await badUsage(thrown, args, root)) ?? asFedxError(thrown);
  if (asksForJson(args)) writeJson(process.stdout, failureDocument(error));
  else writeLine(process.stderr, await renderFailure(error, paintFor(process.stderr)));
  if (process.env.DEBUG) {
    const { redact } = await import('@fedx/core/host');
    writeLine(process.stderr, redact(stackOf(error)));
  }
  return error.exitCode;
}

/** What oclif says of a command line, in our words; undefined where it says nothing. */
async function badUsage(thrown: unknown, args: readonly string[], root: string) {
  if (!(thrown instanceof Error && 'oclif' in thrown)) return undefined;
  const { unknownFlag } = await import('./unknown-flag.js');
  return (
    (await unknownCommand(thrown, root)) ?? (await unknownChoice(thrown)) ?? (await unknownFlag(thrown, args, root))
  );
}

/** The stack of the error and of what caused it. */
function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
