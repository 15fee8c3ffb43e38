import { fork } from 'node:child_process';
import { createFiling, type FiledJob, type FiledOutcome } from './filed-jobs.js';
import { createLoans, type Lend } from './loans.js';
import type { JobReply, StartWorker } from './protocol.js';
import { createSharedFile } from './shared-file.js';

export interface ProcessOptions {
  /** What a process runs; default: `process-worker.js` beside this file. */
  readonly entry?: URL;
  readonly arguments: readonly string[];
  /** Its working directory. */
  readonly directory: string;
  /** For what a native library reads once, as it starts. */
  readonly environment: NodeJS.ProcessEnv;
  /** Where the file may lie that large tensors go through, the best first; default: in memory, else among temporary files. */
  readonly shared?: readonly string[] | undefined;
}

/** As much of what a process says in the end as a message has room for. */
const LAST_WORDS = 500;

/** Workers that are processes of their own, for libraries that have one thread pool a process. They can be killed at any time. */
export function processWorkers({
  entry = new URL('./process-worker.js', import.meta.url),
  arguments: args,
  directory,
  environment,
  shared,
}: ProcessOptions): StartWorker {
  const join = inCommon(shared);

  return ({ onReply, onLost }) => {
    const { lend, descriptor, leave } = join();
    const loans = createLoans(lend);
    const child = fork(entry, [...args], {
      cwd: directory,
      env: environment,
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', ...(descriptor === undefined ? [] : [descriptor])],
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
      let left = false;
      const end = (): void => {
        if (left) return;
        left = true;
        loans.end();
        leave();
      };
      child.once('error', ({ message }) => {
        // There was none. Else it may live on, and write.
        if (child.pid === undefined) end();
        lose(message);
      });
      child.once('close', (code, signal) => {
        end();
        lose(`it ended with ${signal ?? `code ${code}`}${said === '' ? '' : `: ${said.trim()}`}`);
      });
    });
    child.on('message', (replies) => {
      onReply(loans.receive(replies as readonly JobReply<FiledOutcome>[]));
    });
    const kill = (): void => {
      child.kill('SIGKILL');
    };
    return {
      send: (requests) => {
        // Requests that do not arrive are told of by the end of the process.
        child.send(loans.lend(requests), () => undefined);
      },
      interrupt: kill,
      end: () => {
        kill();
        return gone;
      },
    };
  };
}

/** What workers have in common: one file, from the first of them until the last one is gone. */
interface Common {
  readonly lend: Lend<FiledJob, FiledOutcome>;
  readonly descriptor: number | undefined;
  leave(): void;
}

function inCommon(folders: readonly string[] | undefined): () => Common {
  let workers = 0;
  let common: Common | undefined;
  return () => {
    workers += 1;
    if (common === undefined) {
      const file = createSharedFile(folders);
      common = {
        lend: createFiling(file),
        descriptor: file?.descriptor,
        leave() {
          workers -= 1;
          if (workers > 0) return;
          common = undefined;
          file?.close();
        },
      };
    }
    return common;
  };
}
