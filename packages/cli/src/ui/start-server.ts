import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FedxError } from '@fedx/core';

export interface ServerOptions {
  /** The command that starts MLflow. */
  readonly mlflow: readonly [string, ...string[]];
  /** Holds the database, the artifacts and the server's log; made where it is missing. */
  readonly folder: string;
  /** Default: 5000, or a free one where that is taken. */
  readonly port: number | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

export interface MlflowServer {
  /** Its address. */
  readonly url: string;
  /** Resolves when it ends, by itself or by {@link stop}. */
  readonly ended: Promise<void>;
  /** Ends it and whatever it started; resolves once it is gone. */
  stop(): Promise<void>;
}

const preferredPort = 5000;
/** A first start of MLflow makes a database; on a busy machine that takes a minute. Seconds. */
const patience = { start: 180, stop: 10 };

/**
 * Runs the command in the group of this shell until descriptor 3 is closed, which the system does when the process that
 * started it dies, however it does: no server outlives its fedx.
 */
const untilClosed = '{ cat <&3 >/dev/null; kill -TERM 0; } & exec 3<&-; "$@"';

/**
 * Starts MLflow's server on loopback, on a SQLite store in the folder, and waits until it answers. Throws FEDX_UI_BUSY where
 * the port is taken, FEDX_UI_UNAVAILABLE where it does not start, and the reason of the signal.
 */
export async function startServer({ env, folder, mlflow, port: wanted, signal }: ServerOptions): Promise<MlflowServer> {
  await mkdir(folder, { recursive: true });
  const port = await choosePort(wanted);
  const url = `http://127.0.0.1:${port}`;
  const log = join(folder, 'server.log');
  const output = await open(log, 'w');
  const server = spawn(
    '/bin/sh',
    [
      ...['-c', untilClosed, 'sh', ...mlflow, 'server'],
      ...['--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`],
      ...['--artifacts-destination', join(folder, 'artifacts')],
    ],
    // A group of its own: the terminal's Ctrl-C is for fedx, which then ends the server in order.
    { cwd: folder, detached: true, stdio: ['ignore', output.fd, output.fd, 'pipe'], env: serverEnvironment(env) },
  );
  await output.close();
  const ended = new Promise<void>((resolve) => {
    // What cannot be started has no end: it has no process either.
    server.once('exit', () => resolve()).once('error', () => resolve());
  });
  const stop = (): Promise<void> => stopServer(server, ended);
  try {
    if (await answers(url, server, signal)) return { url, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
  await stop();
  const last = (await readFile(log, 'utf8')).trim().split('\n').slice(-6).join('\n');
  throw new FedxError('FEDX_UI_UNAVAILABLE', `MLflow's server did not start (${mlflow.join(' ')}).\n${last}`, {
    place: { file: log },
  });
}

/** No settings of another server, no calls home, and no process beside it for jobs that nobody sends. */
function serverEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([name]) => !name.startsWith('MLFLOW_'));
  return { ...Object.fromEntries(own), MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' };
}

async function choosePort(wanted: number | undefined): Promise<number> {
  const port = await freePort(wanted ?? preferredPort);
  if (port !== undefined) return port;
  if (wanted !== undefined) throw new FedxError('FEDX_UI_BUSY', `The port ${wanted} cannot be had on 127.0.0.1.`);
  return (await freePort(0)) ?? preferredPort;
}

/** The port, 0 for any, where nothing listens on it. */
async function freePort(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? address?.port : undefined;
}

async function answers(url: string, server: ChildProcess, signal: AbortSignal): Promise<boolean> {
  const until = performance.now() + patience.start * 1000;
  const isRunning = (): boolean => server.pid !== undefined && server.exitCode === null && server.signalCode === null;
  while (performance.now() < until && isRunning()) {
    const response = await fetch(`${url}/health`, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    if (response?.ok === true) return true;
    await sleep(100);
  }
  return false;
}

async function stopServer(server: ChildProcess, ended: Promise<void>): Promise<void> {
  if (server.pid === undefined) return;
  server.stdio[3]?.destroy();
  const isGone = await Promise.race([ended.then(() => true), sleep(patience.stop * 1000, false, { ref: false })]);
  try {
    // Whatever of it does not listen; where nothing is left, that is what was wanted.
    process.kill(-server.pid, isGone ? 'SIGTERM' : 'SIGKILL');
  } catch {
    return;
  }
}
