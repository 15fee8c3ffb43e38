/** Entry of a worker thread: runs ONNX programs. */
import { parentPort, workerData } from 'node:worker_threads';
import { openProgram } from '../engines/onnx/index.js';
import { omit } from '../parameters/index.js';
import { answerWith } from './answer.js';
import type { JobResult, Outcome } from './job.js';
import { onOwnMemory } from './own-memory.js';
import type { JobReply, JobRequest, ThreadData } from './protocol.js';

/** From this many values on, moving an array takes less than copying it. */
const LARGE = 1024;

const { stop } = workerData as ThreadData;
const answer = answerWith(
  async (program) => onOwnMemory(await openProgram(program)),
  () => Atomics.load(stop, 0) !== 0,
);

parentPort?.on('message', (requests: readonly JobRequest[]) => {
  void answer(requests).then((replies) => {
    const sent = replies.map((reply, i) => withoutLent(reply, requests[i]?.job.result?.into ?? {}));
    parentPort?.postMessage(
      sent,
      sent.flatMap((reply) => (reply.type === 'done' ? transferables(reply.outcome) : [])),
    );
  });
});

/** The main thread has what was written to memory that it lent. */
function withoutLent(reply: JobReply, into: NonNullable<JobResult['into']>): JobReply {
  if (reply.type !== 'done') return reply;
  return { ...reply, outcome: { ...reply.outcome, carried: omit(reply.outcome.carried, Object.keys(into)) } };
}

/** The large buffers of an outcome move to the main thread instead of being copied. */
function transferables({ carried, stacked }: Outcome): ArrayBuffer[] {
  const arrays = [...Object.values(carried).map(({ data }) => data), ...Object.values(stacked)];
  return arrays.filter(({ length }) => length >= LARGE).map(({ buffer }) => buffer as ArrayBuffer);
}
