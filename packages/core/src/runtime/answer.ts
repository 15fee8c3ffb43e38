import type { OpenProgram } from './job.js';
import type { JobReply, JobRequest } from './protocol.js';

/** What a worker does with requests, one after the other: opens each program once, runs jobs on it, and says what came of it. */
export function answerWith<Sent, Given>(
  open: (program: string) => Promise<OpenProgram<Sent, Given>>,
  stopped: () => boolean,
): (requests: readonly JobRequest<Sent>[]) => Promise<readonly JobReply<Given>[]> {
  const programs = new Map<string, Promise<OpenProgram<Sent, Given>>>();
  let last: Promise<unknown> = Promise.resolve();

  async function answer({ id, program, job }: JobRequest<Sent>): Promise<JobReply<Given>> {
    try {
      const opened = programs.get(program) ?? open(program);
      programs.set(program, opened);
      const outcome = await (await opened).run(job, stopped);
      return outcome === undefined ? { id, type: 'stopped' } : { id, type: 'done', outcome };
    } catch (error) {
      return { id, type: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  }

  async function answerAll(requests: readonly JobRequest<Sent>[]): Promise<readonly JobReply<Given>[]> {
    const replies: JobReply<Given>[] = [];
    for (const request of requests) replies.push(await answer(request));
    return replies;
  }

  return (requests) => {
    // Requests may come while others are worked on, and a program has memory for one job.
    const replies = last.then(() => answerAll(requests));
    last = replies;
    return replies;
  };
}
