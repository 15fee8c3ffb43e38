import type { Host, RunOptions, RunReport } from '@fedx/core/host';
import * as Flags from '@oclif/core/flags';
import type { OutputMode } from '../terminal.js';
import { jsonFlag } from './spec-arguments.js';

/** The flags of every command that runs something. */
export const runFlags = {
  json: jsonFlag,
  quiet: Flags.boolean({ description: 'Print nothing but errors and missed expectations.' }),
};

/** Runs what `start` asks the host for, until it ends or the user interrupts; returns the exit code. */
export async function startRuns(
  flags: { readonly json: boolean; readonly quiet: boolean },
  start: (host: Host, options: RunOptions) => Promise<RunReport>,
): Promise<number> {
  const mode: OutputMode = flags.json ? 'json' : flags.quiet ? 'quiet' : 'text';
  const [{ openHost }, { listenForInterruption }, { runExperiment }] = await Promise.all([
    import('../host.js'),
    import('../interruption.js'),
    import('../run-experiment.js'),
  ]);
  const interruption = listenForInterruption(process, process.stdout);
  try {
    const host = await openHost();
    return await runExperiment({
      start: (options) => start(host, options),
      mode,
      terminal: process,
      interruption,
    });
  } finally {
    interruption.release();
  }
}
