import type { Host, RunOptions, RunReport } from '@fedx/core/host';
import * as Flags from '@oclif/core/flags';
import { jsonFlag } from './spec-arguments.js';
import type { OutputMode } from './terminal.js';

/** The flags of every command that runs something. */
export const runFlags = {
  json: jsonFlag,
  quiet: Flags.boolean({ description: 'Print nothing but errors and missed expectations.' }),
  junit: Flags.string({
    helpValue: 'FILE',
    description: 'Write how the runs ended, and what was expected of them, to FILE as JUnit XML.',
  }),
};

/** Runs what `start` asks the host for, until it ends or the user interrupts; returns the exit code. */
export async function startRuns(
  flags: { readonly json: boolean; readonly quiet: boolean; readonly junit?: string | undefined },
  start: (host: Host, options: RunOptions) => Promise<RunReport>,
): Promise<number> {
  const mode: OutputMode = flags.json ? 'json' : flags.quiet ? 'quiet' : 'text';
  const [{ openHost }, { listenForInterruption }, { runExperiment }, { withJunit }] = await Promise.all([
    import('./host.js'),
    import('./interruption.js'),
    import('./run-experiment.js'),
    import('./write-junit.js'),
  ]);
  const { junit } = flags;
  const interruption = listenForInterruption(process, process.stdout);
  try {
    const host = await openHost();
    return await runExperiment({
      start: (options) => {
        const runs = () => start(host, options);
        return junit === undefined ? runs() : withJunit(junit, runs);
      },
      mode,
      terminal: process,
      interruption,
    });
  } finally {
    interruption.release();
  }
}
