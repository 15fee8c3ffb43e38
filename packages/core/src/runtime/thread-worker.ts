/** Entry of a worker thread: runs ONNX programs. */
import { parentPort, workerData } from 'node:worker_threads';
import { openProgram } from '../engines/onnx/index.js';
import { answerWith } from './answer.js';
import type { JobReply, JobRequest, ThreadData } from './protocol.js';

const { stop } = workerData as ThreadData;
const answer = answerWith(openProgram, () => Atomics.load(stop, 0) !== 0);

parentPort?.on('message', (request: JobRequest) => {
  void answer(request).then((reply) => {
    parentPort?.postMessage(reply, reply.type === 'done' ? transferables(reply.outcome) : []);
  });
});

/** The buffers of an outcome move to the main thread instead of being copied. */
function transferables({ carried, stacked }: Extract<JobReply, { type: 'done' }>['outcome']): ArrayBuffer[] {
  const arrays = [...Object.values(carried).map(({ data }) => data), ...Object.values(stacked)];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}
