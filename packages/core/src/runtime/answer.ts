import type { JobReply, JobRequest } from './protocol.js';

/** A program as a worker has it open, by what comes in messages and goes out in them. */
export interface Runnable<Job, Outcome> {
  /** Undefined where `stopped` said so before the end. */
  run(job: Job, stopped: () => boolean): Promise<Outcome | undefined>;
}

/** What a worker does with requests, one after the other: opens each program once, runs jobs on it, and says what came of it. */
export function answerWith<Job, Outcome>(
  open: (program: string) => Promise<Runnable<Job, Outcome>>,
  stopped: () => boolean,
): (requests: readonly JobRequest<Job>[]) => Promise<readonly JobReply<Outcome>[]> {
  const programs = new Map<string, Promise<Runnable<Job, Outcome>>>();
  let last: Promise<unknown> = Promise.resolve();

  async function answer({ id, program, job }: JobRequest<Job>): Promise<JobReply<Outcome>> {
    try {
      const opened = programs.get(program) ?? open(program);
      programs.set(program, opened);
      const outcome = await (await opened).run(job, stopped);
      return outcome === undefined ? { id, type: 'stopped' } : { id, type: 'done', outcome };
    } catch (error) {
      return { id, type: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  }

  async function answerAll(requests: readonly JobRequest<Job>[]): Promise<readonly JobReply<Outcome>[]> {
    const replies: JobReply<Outcome>[] = [];
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
