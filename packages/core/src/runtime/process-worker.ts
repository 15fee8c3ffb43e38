/** Entry of a worker process: runs TensorFlow programs. Its argument is the file of the native addon. */
import { loadAddon, openProgram } from '../engines/tensorflow/index.js';
import { answerWith } from './answer.js';
import type { JobRequest } from './protocol.js';

// Ctrl-C and a terminal's end go to all of its processes, SIGTERM often to a whole group: what becomes of this one, the
// process that started it decides.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());

const addon = loadAddon(process.argv[2] ?? '');
const answer = answerWith(
  (program) => openProgram(addon, program),
  () => false,
);

process.on('message', (requests: readonly JobRequest[]) => {
  void answer(requests).then((replies) => {
    const memoryBytes = process.memoryUsage.rss();
    process.send?.(replies.map((reply) => ({ ...reply, memoryBytes })));
  });
});
