import { fileURLToPath } from 'node:url';
import { run as runOclif } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { asFedxError, asksForJson } from './failure.js';
import { writeJson, writeLine } from './terminal.js';
import { unknownCommand } from './unknown-command.js';
import { unknownFlag } from './unknown-flag.js';
import { failureDocument, renderFailure } from './views/failure.js';
import { paintFor } from './views/paint.js';

const packageRoot = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs one command line to its end and leaves its exit code in `process.exitCode`. Whatever is thrown is printed as one
 * coded error: on stderr, or with `--json` as the one document on stdout.
 */
export async function run(args: readonly string[] = process.argv.slice(2)): Promise<void> {
  settings.enableAutoTranspile = false;
  // A reader that goes away (`| head -1`, a closed terminal) is no error of ours; a command that takes long listens for it itself.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreLostReader);
  try {
    const exitCode: unknown = await runOclif([...args], { root: packageRoot });
    process.exitCode = typeof exitCode === 'number' ? exitCode : 0;
  } catch (thrown) {
    const error =
      (await unknownCommand(thrown, packageRoot)) ??
      (await unknownFlag(thrown, args, packageRoot)) ??
      asFedxError(thrown);
    process.exitCode = error.exitCode;
    if (asksForJson(args)) writeJson(process.stdout, failureDocument(error));
    else writeLine(process.stderr, await renderFailure(error, paintFor(process.stderr)));
    if (process.env.DEBUG) {
      const { redact } = await import('@fedx/core/host');
      writeLine(process.stderr, redact(stackOf(error)));
    }
  }
}

/** EPIPE: nobody reads the pipe; EIO: the terminal is gone. */
function ignoreLostReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}

/** The stack of the error and of what caused it. */
function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
