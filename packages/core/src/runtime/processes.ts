import { fork } from 'node:child_process';
import type { JobReply, StartWorker } from './protocol.js';

export interface ProcessOptions {
  /** What a process runs; default: `process-worker.js` beside this file. */
  readonly entry?: URL;
  readonly arguments: readonly string[];
  /** Its working directory. */
  readonly directory: string;
  /** For what a native library reads once, as it starts. */
  readonly environment: NodeJS.ProcessEnv;
}

/** As much of what a process says in the end as a message has room for. */
const LAST_WORDS = 500;

/** Workers that are processes of their own, for libraries that have one thread pool a process. They can be killed at any time. */
export function processWorkers({
  entry = new URL('./process-worker.js', import.meta.url),
  arguments: args,
  directory,
  environment,
}: ProcessOptions): StartWorker {
  return ({ onReply, onLost }) => {
    const child = fork(entry, [...args], {
      cwd: directory,
      env: environment,
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-LAST_WORDS);
    });
    const gone = new Promise<void>((resolve) => {
      let lost = false;
      const lose = (reason: string): void => {
        resolve();
        if (!lost) onLost(reason);
        lost = true;
      };
      child.once('error', ({ message }) => {
        lose(message);
      });
      child.once('close', (code, signal) => {
        lose(`it ended with ${signal ?? `code ${code}`}${said === '' ? '' : `: ${said.trim()}`}`);
      });
    });
    child.on('message', (replies) => {
      onReply(replies as readonly JobReply[]);
    });
    const kill = (): void => {
      child.kill('SIGKILL');
    };
    return {
      send: (requests) => {
        // Requests that do not arrive are told of by the end of the process.
        child.send([...requests], () => undefined);
      },
      interrupt: kill,
      end: () => {
        kill();
        return gone;
      },
    };
  };
}
