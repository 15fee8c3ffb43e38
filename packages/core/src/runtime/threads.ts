import { Worker as NodeThread } from 'node:worker_threads';
import type { Outcome, Schedule } from './job.js';
import type { JobReply, StartWorker, ThreadData } from './protocol.js';
import { createTensorSharing, type Lent } from './shared-tensors.js';
import { createSpareMemory, type SpareMemory } from './spare-memory.js';

/** Workers that are threads of this process. `entry` is what a thread runs; default: `thread-worker.js` beside this file. */
export function threadWorkers(entry = new URL('./thread-worker.js', import.meta.url)): StartWorker {
  const share = createTensorSharing();
  const spare = createSpareMemory();
  return ({ onReply, onLost }) => {
    const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const thread = new NodeThread(entry, { workerData: { stop } satisfies ThreadData });
    let reason = 'it ended';
    /** What the jobs look at that the thread has not answered, the first of them first. */
    const lent: (readonly Lent[])[] = [];
    const giveBack = (): void => {
      for (const each of lent.shift() ?? []) each.giveBack();
    };
    thread.on('message', (reply: JobReply) => {
      giveBack();
      onReply(reply.type === 'done' ? { ...reply, outcome: releasable(reply.outcome, spare) } : reply);
    });
    thread.on('error', (error: unknown) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    thread.on('exit', () => {
      while (lent.length > 0) giveBack();
      onLost(reason);
    });
    const interrupt = (): void => {
      Atomics.store(stop, 0, 1);
    };
    return {
      send({ job, ...request }) {
        const [carried, constants] = [share(job.carried), share(job.constants)];
        lent.push([carried, constants]);
        const into = spare.take(job);
        thread.postMessage(
          {
            ...request,
            job: {
              ...job,
              carried: carried.parameters,
              constants: constants.parameters,
              schedule: ownRows(job.schedule),
              ...(job.result !== undefined && { result: { ...job.result, into } }),
            },
          },
          Object.values(into).map(({ buffer }) => buffer as ArrayBuffer),
        );
      },
      interrupt,
      /** Ending a thread within a native call would take the whole process with it. */
      async end() {
        interrupt();
        while (lent.length > 0) {
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

function releasable(outcome: Outcome, spare: SpareMemory): Outcome {
  return {
    ...outcome,
    release: () => {
      spare.give(outcome);
    },
  };
}

/** A view would take all the memory that it looks into along: the rows of every client, with each client. */
function ownRows(schedule: Schedule): Schedule {
  return { ...schedule, rows: schedule.rows.slice() };
}
