/** Entry of a worker thread: runs ONNX programs. */
import { parentPort, workerData } from 'node:worker_threads';
import { openProgram } from '../engines/onnx/index.js';
import { omit } from '../parameters/index.js';
import { answerWith } from './answer.js';
import type { Outcome } from './job.js';
import type { JobReply, JobRequest, ThreadData } from './protocol.js';

const { stop } = workerData as ThreadData;
const answer = answerWith(openProgram, () => Atomics.load(stop, 0) !== 0);

parentPort?.on('message', (request: JobRequest) => {
  void answer(request).then((reply) => {
    if (reply.type !== 'done') parentPort?.postMessage(reply);
    else {
      // The main thread has what was written to memory that it lent.
      const carried = omit(reply.outcome.carried, Object.keys(request.job.result?.into ?? {}));
      const outcome = { ...reply.outcome, carried };
      parentPort?.postMessage({ ...reply, outcome } satisfies JobReply, transferables(outcome));
    }
  });
});

/** The buffers of an outcome move to the main thread instead of being copied. */
function transferables({ carried, stacked }: Outcome): ArrayBuffer[] {
  const arrays = [...Object.values(carried).map(({ data }) => data), ...Object.values(stacked)];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}
