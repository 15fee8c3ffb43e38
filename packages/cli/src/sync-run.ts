import { FedxError, type Host, isFedxError } from '@fedx/core/host';
import { type OutputMode, type Terminal, writeJson, writeLine } from './terminal.js';

export interface SyncCommand {
  readonly host: Pick<Host, 'sync'>;
  /** Id of a run, or the path of its folder. */
  readonly run: string;
  readonly server: string | undefined;
  readonly mode: OutputMode;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Fills a run into an MLflow server and says what is there now. Throws what the host throws, or FEDX_RUN_INTERRUPTED. */
export async function syncRun({ host, mode, run, server, signal, terminal }: SyncCommand): Promise<void> {
  const summary = await host.sync(run, { server, signal }).catch((error: unknown) => {
    if (!signal.aborted || isFedxError(error)) throw error;
    const hint = `Run fedx sync ${run} again: it goes on where this ended.`;
    throw new FedxError('FEDX_RUN_INTERRUPTED', 'Interrupted; nothing on the server is doubled by that.', {
      hint,
      cause: error,
    });
  });
  if (mode === 'json') writeJson(terminal.stdout, summary);
  else {
    const arms = Object.keys(summary.runs);
    writeLine(
      terminal.stdout,
      `${summary.run}: all ${summary.points} points of ${arms.join(', ')} are on the server, each once. ${summary.url}`,
    );
  }
}
