/** Entry of a worker thread: runs jobs on compiled programs, one at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { openSession, runJob } from '../engines/onnx/index.js';
import type { JobReply, JobRequest, WorkerData } from './protocol.js';

const { stop } = workerData as WorkerData;
const sessions = new Map<string, ReturnType<typeof openSession>>();

async function answer({ id, program, job }: JobRequest): Promise<JobReply> {
  try {
    const session = sessions.get(program) ?? openSession(program);
    sessions.set(program, session);
    const outcome = await runJob(await session, job, () => Atomics.load(stop, 0) !== 0);
    return outcome === undefined ? { id, type: 'stopped' } : { id, type: 'done', outcome };
  } catch (error) {
    return { id, type: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

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
