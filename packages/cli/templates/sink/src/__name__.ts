import { appendFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { defineSink } from '@fedx/core';

/** A CSV file that grows while runs go on: a line for each metric of each round. */
export default defineSink({
  name: '__name__',
  options: {
    type: 'object',
    description: 'Appends every metric to a CSV file: run, arm, step, key, value.',
    additionalProperties: false,
    properties: {
      file: {
        type: 'string',
        format: 'path',
        default: 'metrics.csv',
        description: 'The file; made where it is missing.',
      },
    },
  },
  create: ({ file }, { directory, run }) => ({
    // All that happened since the last call. A sink may be slow, or fail, without harm to the run.
    write: async (events) => {
      const lines = events.flatMap((event) =>
        event.type !== 'step-completed'
          ? []
          : Object.entries(event.metrics).map(([key, value]) => [run, event.arm, event.step, key, value].join()),
      );
      if (lines.length > 0) await appendFile(resolve(directory, file), `${lines.join('\n')}\n`);
    },
  }),
});
