import type { OpenProgram } from './job.js';
import type { JobReply, JobRequest } from './protocol.js';

/** What a worker does with requests, one at a time: opens each program once, runs jobs on it, and says what came of it. */
export function answerWith(
  open: (program: string) => Promise<OpenProgram>,
  stopped: () => boolean,
): (request: JobRequest) => Promise<JobReply> {
  const programs = new Map<string, Promise<OpenProgram>>();
  return async ({ id, program, job }) => {
    try {
      const opened = programs.get(program) ?? open(program);
      programs.set(program, opened);
      const outcome = await (await opened).run(job, stopped);
      return outcome === undefined ? { id, type: 'stopped' } : { id, type: 'done', outcome };
    } catch (error) {
      return { id, type: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  };
}
