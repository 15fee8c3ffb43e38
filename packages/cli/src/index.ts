import { Console } from 'node:console';
import { run as runOclif } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { asksForJson } from './asks-for-json.js';
import { packageFolder } from './package-folder.js';

/**
 * Runs one command line to its end and leaves its exit code in `process.exitCode`. Whatever is thrown is printed as one
 * coded error: on stderr, or with `--json` as the one document on stdout.
 */
export async function run(args: readonly string[] = process.argv.slice(2)): Promise<void> {
  settings.enableAutoTranspile = false;
  // What plugins print is no part of the one document.
  if (asksForJson(args)) globalThis.console = new Console(process.stderr);
  // A reader that goes away (`| head -1`, a closed terminal) is no error of ours; a command that takes long listens for it itself.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreLostReader);
  try {
    const exitCode: unknown = await runOclif([...args], { root: packageFolder });
    process.exitCode = typeof exitCode === 'number' ? exitCode : 0;
  } catch (thrown) {
    // Loaded only here: a command that succeeds, and help above all, starts without it.
    const { reportFailure } = await import('./report-failure.js');
    process.exitCode = await reportFailure(thrown, args, packageFolder);
  }
}

/** EPIPE: nobody reads the pipe; EIO: the terminal is gone. */
function ignoreLostReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}
