import { resolve } from 'node:path';
import { defineDataset } from '@fedx/core';
import { readCsv } from './read-csv.js';

/**
 * A table in a CSV file (RFC 4180, UTF-8 with or without a byte-order mark or UTF-16 with one, a header in the first
 * row): one example a row, with a column of labels, perhaps one that says whose example it is, and columns of numbers.
 *
 * Classes are the labels that occur, in numerical order where all of them are numbers, else in the order of their
 * characters; they are compared as text, so that 1 and 1.0 are two. The file is streamed twice, to check its bytes and
 * count its lines, and to read them: memory is 4 bytes a number and 5 a row (9 with clients) and some MB besides, so
 * 450 MB for 10 million rows of 10 features.
 */
export const csv = defineDataset({
  name: 'csv',
  options: {
    type: 'object',
    description: 'A table in a CSV file: one example a row.',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: {
        type: 'string',
        format: 'path',
        minLength: 1,
        description: 'The file; starts at the folder of the spec.',
      },
      label: { type: 'string', minLength: 1, default: 'label', description: 'Name of the column of labels.' },
      client: { type: 'string', minLength: 1, description: 'Name of the column that says whose example a row is.' },
      features: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { type: 'string', minLength: 1 },
        description: 'Names of the columns of numbers. Default: all others.',
      },
      delimiter: {
        type: 'string',
        minLength: 1,
        maxLength: 1,
        default: ',',
        description: 'What stands between values.',
      },
    },
  },
  load: ({ path, ...columns }, { directory, signal }) => readCsv(resolve(directory, path), columns, signal),
});
