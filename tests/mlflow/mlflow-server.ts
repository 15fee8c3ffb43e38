import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The newest MLflow and the last of 2.x; tests/mlflow/install.sh installs them. */
export const versions = ['3.17.2', '2.22.5'] as const;

export type Version = (typeof versions)[number];

/** A program of an installed version, e.g. `mlflow` or `python`; undefined where it is not installed. */
export function programOf(version: Version, program: string): string | undefined {
  const folder = resolve(repository, process.env['FEDX_CACHE'] ?? '.fedx/cache', 'mlflow', version);
  return existsSync(join(folder, 'complete')) ? join(folder, 'bin', program) : undefined;
}

/** No calls home, and no process beside the server for jobs that nobody sends. */
const quiet = { MLFLOW_DISABLE_TELEMETRY: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' };

export interface ServerOptions {
  readonly version: Version;
  /** Holds the database and the artifacts; a second server on it continues the first. */
  readonly directory: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly arguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface MlflowServer {
  readonly version: Version;
  readonly uri: string;
  readonly port: number;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
}

/** Starts `mlflow server` on loopback with a SQLite store, and waits until it answers. */
export async function startServer(options: ServerOptions): Promise<MlflowServer> {
  const { directory, version, port = await freePort() } = options;
  const program = programOf(version, 'mlflow');
  if (program === undefined) throw new Error(`MLflow ${version} is not installed: run tests/mlflow/install.sh.`);
  await mkdir(directory, { recursive: true });
  const log = join(directory, 'server.log');
  const output = await open(log, 'a');
  const server = spawn(
    program,
    [
      'server',
      ...['--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${join(directory, 'mlflow.db')}`],
      ...['--artifacts-destination', join(directory, 'artifacts')],
      ...(options.arguments ?? []),
    ],
    {
      cwd: directory,
      // The server has children: as a group they can be ended together.
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      env: { ...withoutMlflow(process.env), ...quiet, ...options.env },
    },
  );
  await output.close();
  const uri = `http://127.0.0.1:${port}`;
  const kill = (): Promise<void> => killGroup(server);
  if (!(await answers(uri, server))) {
    await kill();
    throw new Error(`MLflow ${version} did not start:\n${(await readFile(log, 'utf8')).slice(-4000)}`);
  }
  return { version, uri, port, kill };
}

async function answers(uri: string, server: ChildProcess): Promise<boolean> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline && server.exitCode === null; ) {
    const response = await fetch(`${uri}/health`).catch(() => undefined);
    if (response?.ok === true) return true;
    await sleep(100);
  }
  return false;
}

async function killGroup(server: ChildProcess): Promise<void> {
  if (server.pid === undefined) return;
  const ended = server.exitCode === null && server.signalCode === null ? once(server, 'exit') : undefined;
  try {
    process.kill(-server.pid, 'SIGKILL');
  } catch {
    // The whole group is gone already.
  }
  await ended;
}

/** Settings of whoever runs the tests are not the tests'. */
function withoutMlflow(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MLFLOW_')));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('A listening server has an address.');
  return address.port;
}
