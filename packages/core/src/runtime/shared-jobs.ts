import type { ParameterTensor } from '../contracts/index.js';
import type { Job, Outcome, Schedule } from './job.js';
import type { Lend } from './loans.js';
import { createResultMemory } from './result-memory.js';
import { createTensorSharing, type SharedMemory } from './shared-tensors.js';

/** Of fewer values than this a copy a message is cheaper. */
const SMALLEST = 1024;

/** Has threads look at tensors in memory that all of them see, each tensor once, and write results there that are released. */
export function createJobSharing(): Lend<Omit<Job, 'priority'>, Outcome> {
  const share = createTensorSharing(inSharedMemory);
  const memory = createResultMemory(sharedArray);
  return (job) => {
    const [carried, constants] = [share(job.carried), share(job.constants)];
    const into = job.result?.isReleased === true ? memory.take(job) : {};
    let isTaken = false;
    return {
      job: {
        ...job,
        carried: carried.parameters,
        constants: constants.parameters,
        schedules: job.schedules.map(ownRows),
        ...(job.result !== undefined && { result: { ...job.result, into } }),
      },
      take(outcome) {
        const written = Object.entries(into).map(([name, data]): [string, ParameterTensor] => [
          name,
          { shape: job.carried[name]?.shape ?? [data.length], data },
        ]);
        if (written.length === 0) return outcome;
        isTaken = true;
        return {
          ...outcome,
          carried: { ...outcome.carried, ...Object.fromEntries(written) },
          release: () => {
            memory.give(into);
          },
        };
      },
      giveBack() {
        carried.giveBack();
        constants.giveBack();
        if (!isTaken) memory.give(into);
      },
    };
  };
}

const sharedArray = (length: number): Float32Array =>
  new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));

const inSharedMemory: SharedMemory<Float32Array, ParameterTensor> = {
  smallest: SMALLEST,
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
