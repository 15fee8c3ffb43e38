/** Programs that are measured, as children of the driver. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Measure, PrepareRequest } from '../contenders/protocol.js';

export interface Program {
  readonly command: readonly string[];
  /** Working directory. */
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A program whose output is read line by line. */
interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly lines: Interface;
  /** Resolves as it ends; rejects, with the end of its stderr, where it failed. */
  readonly ended: Promise<void>;
}

export function start({ command: [file = '', ...options], directory, environment = {} }: Program): Child {
  const child = spawn(file, options, {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4000);
  });
  // A program that is gone before it was asked says so as it ends.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${[file, ...options].join(' ')} ended with ${signal ?? code}:\n${errors}`));
    });
  });
  // Whoever waits for the end learns of a failure; until then it is no unhandled rejection.
  ended.catch(() => undefined);
  return { process: child, lines: createInterface({ input: child.stdout }), ended };
}

/** A peer that speaks the protocol of peers/protocol.py. */
export interface Peer {
  /** Readies it; returns the versions of what it uses. */
  prepare(request: PrepareRequest): Promise<Readonly<Record<string, string>>>;
  /** One measurement: microseconds a step, or seconds a round. */
  measure(what: Measure): Promise<number>;
  close(): Promise<void>;
}

interface Reply {
  readonly versions?: Readonly<Record<string, string>>;
  readonly microsecondsPerStep?: number;
  readonly seconds?: number;
}

export function startPeer(program: Program): Peer {
  const child = start(program);
  const replies = child.lines[Symbol.asyncIterator]();

  async function ask(request: object): Promise<Reply> {
    child.process.stdin.write(`${JSON.stringify(request)}\n`);
    const reply = await replies.next();
    if (reply.done !== true) return JSON.parse(reply.value) as Reply;
    await child.ended;
    throw new Error(`${program.command.join(' ')} ended without an answer.`);
  }

  return {
    prepare: async (request) => (await ask({ cmd: 'prepare', ...request })).versions ?? {},
    async measure(what) {
      const { microsecondsPerStep, seconds } = await ask({ cmd: what });
      const figure = what === 'steps' ? microsecondsPerStep : seconds;
      if (figure === undefined) throw new Error(`${program.command.join(' ')} does not measure ${what}.`);
      return figure;
    },
    async close() {
      child.process.stdin.end('{"cmd":"exit"}\n');
      await child.ended;
    },
  };
}
