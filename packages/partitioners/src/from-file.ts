import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { definePartitioner, FedxError } from '@fedx/core';

/**
 * The split of an earlier run, row for row, holdouts included: reads the `partition.json` of its run folder, or a copy
 * of that. Nothing is drawn, so that seeds have no say in it; a spec with it has no `holdout`.
 *
 * Throws FEDX_DATA_NOT_FOUND where there is no such file; FEDX_DATA_CORRUPT for a file of another format, of an earlier
 * version without the rows, or whose rows do not have the hash beside them; FEDX_PARTITION_IMPOSSIBLE where it was made
 * of another dataset.
 */
export const fromFile = definePartitioner({
  name: 'from-file',
  holdsOut: true,
  options: {
    type: 'object',
    description: 'The split of an earlier run, row for row, from its partition.json.',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: {
        type: 'string',
        format: 'path',
        minLength: 1,
        description: 'The partition.json of a run; starts at the folder of the spec.',
      },
    },
  },
  partition({ path }, { dataset, directory }) {
    const file = resolve(directory, path);
    const saved = parse(file, read(file));
    if (saved.dataset !== dataset)
      throw new FedxError(
        'FEDX_PARTITION_IMPOSSIBLE',
        `${file} is a split of another dataset: its digest is ${saved.dataset}, that of this one ${dataset}.`,
        {
          place: { file },
          hint: 'Use the dataset and the options that the split was made with. A split that changed features cannot be replayed.',
        },
      );
    const rows = (place: string, value: unknown) => decode(file, place, value);
    const clients = saved.clients.map((client, k) => ({
      train: rows(`clients.${k}.train`, client?.train),
      validation: rows(`clients.${k}.validation`, client?.validation),
      test: rows(`clients.${k}.test`, client?.test),
    }));
    return {
      split: { clients, test: rows('testSet', saved.testSet), validation: rows('validationSet', saved.validationSet) },
    };
  },
});

/** What counts of a partition.json, none of it checked yet but the list and the digest. */
interface Saved {
  readonly dataset: string;
  readonly testSet?: unknown;
  readonly validationSet?: unknown;
  readonly clients: readonly (
    | { readonly train?: unknown; readonly validation?: unknown; readonly test?: unknown }
    | null
    | undefined
  )[];
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FedxError('FEDX_DATA_NOT_FOUND', `Cannot read the split ${file}: ${reason}.`, {
      ...{ place: { file }, cause },
      hint: "Set partition.path to a run's partition.json; it starts at the folder of the spec.",
    });
  }
}

function parse(file: string, text: string): Saved {
  let saved: unknown;
  try {
    saved = JSON.parse(text);
  } catch (cause) {
    throw corrupt(file, `it is no JSON (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  const { dataset, clients } = (saved ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof dataset !== 'string' || !Array.isArray(clients)) throw corrupt(file, 'it names no dataset and clients');
  return saved as Saved;
}

/** Base64 of little-endian uint32, checked by the hash beside it. */
function decode(file: string, place: string, value: unknown): Uint32Array {
  const { rows, sha256 } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof rows !== 'string') throw corrupt(file, `${place} has no rows: the file may be of an earlier version`);
  const bytes = Buffer.from(rows, 'base64');
  if (bytes.length % 4 !== 0 || createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw corrupt(file, `the rows of ${place} do not have the SHA-256 that is beside them`);
  // A copy: the buffer's memory need not begin where a Uint32Array may.
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}

function corrupt(file: string, finding: string): FedxError {
  return new FedxError('FEDX_DATA_CORRUPT', `${file} is not a split that can be replayed: ${finding}.`, {
    place: { file },
    hint: 'Copy the partition.json of the run once more.',
  });
}
