import { Worker as NodeThread } from 'node:worker_threads';
import type { ParameterTensor } from '../contracts/index.js';
import type { Job, Outcome, Schedule } from './job.js';
import type { JobReply, JobRequest, StartWorker, ThreadData } from './protocol.js';
import { createResultMemory } from './result-memory.js';
import { createTensorSharing, type SharedMemory } from './shared-tensors.js';

/** What a thread looks at until it has answered a job. */
interface OnLoan {
  readonly giveBack: () => void;
  readonly job: Pick<Job, 'carried'>;
  /** What the job writes to. */
  readonly into: Readonly<Record<string, Float32Array>>;
}

/** Workers that are threads of this process. `entry` is what a thread runs; default: `thread-worker.js` beside this file. */
export function threadWorkers(entry = new URL('./thread-worker.js', import.meta.url)): StartWorker {
  const share = createTensorSharing(inSharedMemory);
  const memory = createResultMemory(sharedArray);

  /** The outcome with what the thread wrote to shared memory, where it was lent any. */
  function written(outcome: Outcome, { job, into }: OnLoan): Outcome {
    const lentOut = Object.entries(into);
    if (lentOut.length === 0) return outcome;
    const carried: Record<string, ParameterTensor> = { ...outcome.carried };
    for (const [name, data] of lentOut) carried[name] = { shape: job.carried[name]?.shape ?? [data.length], data };
    return {
      ...outcome,
      carried,
      release: () => {
        memory.give(into);
      },
    };
  }

  return ({ onReply, onLost }) => {
    const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const thread = new NodeThread(entry, { workerData: { stop } satisfies ThreadData });
    let reason = 'it ended';
    /** Of the jobs that the thread has not answered, the first of them first. */
    const lent: OnLoan[] = [];
    thread.on('message', (replies: readonly JobReply[]) => {
      onReply(
        replies.map((reply) => {
          const loan = lent.shift();
          loan?.giveBack();
          if (loan !== undefined && reply.type === 'done') return { ...reply, outcome: written(reply.outcome, loan) };
          memory.give(loan?.into ?? {});
          return reply;
        }),
      );
    });
    thread.on('error', (error: unknown) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    thread.on('exit', () => {
      for (const { giveBack, into } of lent.splice(0)) {
        giveBack();
        memory.give(into);
      }
      onLost(reason);
    });
    /** The request as the thread gets it. */
    const lend = ({ job, ...request }: JobRequest): JobRequest => {
      const [carried, constants] = [share(job.carried), share(job.constants)];
      const into = job.result?.isReleased === true ? memory.take(job) : {};
      const giveBack = (): void => {
        carried.giveBack();
        constants.giveBack();
      };
      lent.push({ giveBack, job, into });
      return {
        ...request,
        job: {
          ...job,
          carried: carried.parameters,
          constants: constants.parameters,
          schedules: job.schedules.map(ownRows),
          ...(job.result !== undefined && { result: { ...job.result, into } }),
        },
      };
    };
    const interrupt = (): void => {
      Atomics.store(stop, 0, 1);
    };
    return {
      send(requests) {
        thread.postMessage(requests.map(lend));
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

const sharedArray = (length: number): Float32Array =>
  new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));

const inSharedMemory: SharedMemory<Float32Array, ParameterTensor> = {
  smallest: 1024,
  put(values, before) {
    const data = before ?? sharedArray(values.length);
    data.set(values);
    return data;
  },
  tensor: (shape, data) => ({ shape, data }),
};

/** A view would take all the memory that it looks into along: the rows of every client, with each client. */
function ownRows(schedule: Schedule): Schedule {
  return { ...schedule, rows: schedule.rows.slice() };
}
