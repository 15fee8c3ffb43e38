import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/** The built command line. */
export const program = fileURLToPath(new URL('packages/cli/bin/fedx.js', root));

/** The experiment that the README starts with. */
export const seedExperiment = fileURLToPath(new URL('experiments/noniid-mnist.yaml', root));

/** How a command ended, and all that it wrote. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that may still be running. */
export interface Started {
  readonly child: ChildProcess;
  /** Resolves once `text` has appeared on stdout. Rejects where the command ends before. */
  readonly wrote: (text: string) => Promise<void>;
  readonly ended: Promise<Ended>;
}

/** Starts the built command line as a user would, in folder `cwd`, outside a terminal. */
export function startFedx(args: readonly string[], cwd: string, extraEnv: NodeJS.ProcessEnv = {}): Started {
  const { NODE_ENV, DEBUG, ...userEnv } = process.env;
  const env = { ...userEnv, ...extraEnv };
  const child = spawn(process.execPath, [program, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([exitCode]: (number | null)[]) => ({
    exitCode: exitCode ?? null,
    stdout,
    stderr,
  }));
  const wrote = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!stdout.includes(text)) return;
        child.stdout.off('data', look);
        resolve();
      };
      child.stdout.on('data', look);
      ended.then(() => reject(new Error(`fedx ended without writing ${text}: ${stderr}`)), reject);
      look();
    });
  return { child, wrote, ended };
}

/** Runs the built command line to its end. */
export function fedx(args: readonly string[], cwd: string): Promise<Ended> {
  return startFedx(args, cwd).ended;
}
