import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FedxError, type Host, isFedxError, type MissingSummary } from '@fedx/core/host';
import { withLock } from '../setup/lock.js';
import { type OutputMode, type Terminal, writeJson, writeLine } from '../terminal.js';
import { comparisonUrl } from './comparison-url.js';
import { findMlflow } from './find-mlflow.js';
import { type MlflowServer, startServer } from './start-server.js';

export interface UiCommand {
  readonly host: Pick<Host, 'syncMissing'>;
  /** The project: its runs are shown, and the server's store lies in its `.fedx/mlflow`. */
  readonly directory: string;
  readonly port: number | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly mode: OutputMode;
  readonly terminal: Terminal;
  /** Aborted when the user has seen enough. */
  readonly signal: AbortSignal;
}

/** Seconds from one look for new entries of runs to the next. */
const every = 5;

/**
 * Starts MLflow for the runs of a project, sends it what it lacks, says where to look, and goes on sending what is new until
 * the user interrupts. The JSON document is `{ url, compare?, synced, failed }`, written when all is there. Throws
 * FEDX_UI_UNAVAILABLE, FEDX_UI_BUSY, FEDX_TRACKING_FAILED.
 */
export async function showUi(command: UiCommand): Promise<void> {
  const { directory, env, port, signal, terminal } = command;
  const folder = join(directory, '.fedx', 'mlflow');
  const mlflow = await findMlflow(env['PATH']);
  writeLine(terminal.stderr, 'Starting MLflow …');
  try {
    await withOneServer(folder, async () => {
      const server = await startServer({ mlflow, folder, port, env, signal });
      try {
        await serve(server, command);
      } finally {
        await server.stop();
      }
    });
  } catch (error) {
    // That the user ends it is how it ends.
    if (!signal.aborted) throw error;
  }
  writeLine(terminal.stderr, 'MLflow has stopped.');
}

/** Two servers on one store would do each other no good. */
async function withOneServer(folder: string, work: () => Promise<void>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'ui.lock');
  await withLock(
    file,
    work,
    (holder) => new FedxError('FEDX_UI_BUSY', `Another fedx ui shows this project${holder}.`, { place: { file } }),
  );
}

async function serve(server: MlflowServer, { host, mode, signal, terminal }: UiCommand): Promise<void> {
  const sync = (): Promise<MissingSummary> =>
    host.syncMissing(server.url, {
      signal,
      onRun: (run) => {
        writeLine(terminal.stderr, `Sending ${run} …`);
      },
    });
  show(await sync(), server, mode, terminal);
  const ended = server.ended.then(() => 'ended' as const);
  for (;;) {
    const next = await Promise.race([ended, sleep(every * 1000, 'again' as const, { signal })]);
    if (next === 'ended') throw new FedxError('FEDX_UI_UNAVAILABLE', "MLflow's server ended by itself.");
    // What failed in passing, or is being sent by its own process, has its turn again.
    await sync().catch((error: unknown) => {
      if (!isFedxError(error)) throw error;
    });
  }
}

function show(
  { failed, latest, synced }: MissingSummary,
  { url }: MlflowServer,
  mode: OutputMode,
  terminal: Terminal,
): void {
  const compare = latest === undefined ? undefined : comparisonUrl(url, latest);
  if (mode === 'json') {
    writeJson(terminal.stdout, { url, ...(compare === undefined ? {} : { compare }), synced, failed });
    return;
  }
  for (const { code, message, run } of failed) writeLine(terminal.stderr, `${run} is not there: ${code}: ${message}`);
  writeLine(terminal.stdout, `MLflow shows this project at ${url}`);
  if (compare !== undefined) writeLine(terminal.stdout, `The latest experiment, arm beside arm: ${compare}`);
  writeLine(terminal.stdout, 'What runs meanwhile appears there too. Ctrl-C ends it.');
}
