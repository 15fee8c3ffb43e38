import { Worker as NodeThread } from 'node:worker_threads';
import { createLoans } from './loans.js';
import type { JobReply, StartWorker, ThreadData } from './protocol.js';
import { createJobSharing } from './shared-jobs.js';

/** Workers that are threads of this process. `entry` is what a thread runs; default: `thread-worker.js` beside this file. */
export function threadWorkers(entry = new URL('./thread-worker.js', import.meta.url)): StartWorker {
  const share = createJobSharing();

  return ({ onReply, onLost }) => {
    const loans = createLoans(share);
    const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const thread = new NodeThread(entry, { workerData: { stop } satisfies ThreadData });
    let reason = 'it ended';
    thread.on('message', (replies: readonly JobReply[]) => {
      onReply(loans.receive(replies));
    });
    thread.on('error', (error: unknown) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    thread.on('exit', () => {
      loans.end();
      onLost(reason);
    });
    const interrupt = (): void => {
      Atomics.store(stop, 0, 1);
    };
    return {
      send(requests) {
        thread.postMessage(loans.lend(requests));
      },
      interrupt,
      /** Ending a thread within a native call would take the whole process with it. */
      async end() {
        interrupt();
        while (!loans.isEmpty()) {
          await new Promise((resolve) => {
            thread.once('message', resolve);
            thread.once('exit', resolve);
          });
        }
        await thread.terminate();
      },
    };
  };
}
