import { answerWith } from './answer.js';
import type { FiledJob } from './filed-jobs.js';
import type { OpenProgram } from './job.js';
import { onSharedFile } from './on-shared-file.js';
import { type JobRequest, SHARED_DESCRIPTOR } from './protocol.js';
import { sharedFile } from './shared-file.js';

/** Makes this process a worker of the one that started it: runs the jobs that it sends on programs that `open` opens. */
export function serveProcess(open: (program: string) => Promise<OpenProgram>): void {
  // Ctrl-C and a terminal's end go to all of its processes, SIGTERM often to a whole group: what becomes of this one, the
  // process that started it decides.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('disconnect', () => process.exit());

  const filed = onSharedFile(sharedFile(SHARED_DESCRIPTOR));
  const answer = answerWith(
    async (program) => filed(await open(program)),
    () => false,
  );
  process.on('message', (requests: readonly JobRequest<FiledJob>[]) => {
    void answer(requests).then((replies) => {
      const memoryBytes = process.memoryUsage.rss();
      process.send?.(replies.map((reply) => ({ ...reply, memoryBytes })));
    });
  });
}
