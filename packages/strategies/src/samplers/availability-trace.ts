import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FedxError, type SampleRequest } from '@fedx/core';

/** A client is there from one round to another, both included; rounds count from 1. */
interface Stay {
  readonly client: number;
  readonly from: number;
  readonly to: number;
}

/** Who is there when, over and over: after round `length` the first one follows again. */
interface Trace {
  readonly stays: readonly Stay[];
  readonly length: number;
}

const header = 'client,from,to';
const row = /^\s*(\d{1,15})\s*,\s*(\d{1,15})\s*,\s*(\d{1,15})\s*$/;

/** A run has one object of options from its first round to its last, and reads its file once. */
const traces = new WeakMap<object, Trace>();

/**
 * The clients that a file says are there in a round, ascending. The file is UTF-8 with the first line `client,from,to` and
 * a line for each stay. Throws FEDX_DATA_NOT_FOUND where it cannot be read, and with file and line FEDX_DATA_CORRUPT for
 * what is no stay and FEDX_COHORT_TOO_LARGE for a client that does not exist.
 */
export function tracedInFile(
  options: object,
  path: string,
  { directory, examples, round }: Pick<SampleRequest, 'directory' | 'examples' | 'round'>,
): readonly number[] {
  const file = resolve(directory, path);
  const trace = traces.get(options) ?? parse(file, read(file), examples.length);
  traces.set(options, trace);
  const now = ((round - 1) % trace.length) + 1;
  const there = trace.stays.filter(({ from, to }) => from <= now && now <= to).map(({ client }) => client);
  return [...new Set(there)].sort((a, b) => a - b);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FedxError('FEDX_DATA_NOT_FOUND', `Cannot read the trace ${file}: ${reason}.`, {
      place: { file },
      hint: 'Give server.cohort.path as the folder of the spec sees it.',
      cause,
    });
  }
}

function parse(file: string, text: string, clients: number): Trace {
  const [first = '', ...lines] = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const corrupt = (line: number, finding: string) =>
    new FedxError('FEDX_DATA_CORRUPT', `${file} is no trace of clients: ${finding}.`, {
      place: { file, line },
      hint: `Write "${header}" first, then a line for each stay: a client from 0, and its first and last round from 1.`,
    });
  if (first.replaceAll(/\s/g, '') !== header) throw corrupt(1, `it does not begin with "${header}"`);
  const stays = lines.flatMap((text, index): Stay[] => {
    if (text.trim() === '') return [];
    const line = index + 2;
    const [client = -1, from = 0, to = 0] = row.exec(text)?.slice(1).map(Number) ?? [];
    if (client < 0) throw corrupt(line, 'the line is not three whole numbers');
    if (from < 1 || to < from) throw corrupt(line, `rounds ${from} to ${to} are none`);
    if (client < clients) return [{ client, from, to }];
    throw new FedxError(
      'FEDX_COHORT_TOO_LARGE',
      `The trace ${file} lists client ${client}, but the last one is ${clients - 1}.`,
      { place: { file, line }, hint: 'Client numbers start from 0.' },
    );
  });
  if (stays.length === 0) throw corrupt(1, 'there is no stay below its first line');
  return { stays, length: stays.reduce((last, { to }) => Math.max(last, to), 1) };
}
