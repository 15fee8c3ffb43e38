import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Dataset, FedxError, isFedxError } from '@fedx/core';
import { type ColumnNames, type Columns, findColumns, unfit } from './columns.js';

/** What labels and clients are numbered by, in the order of their first row. */
type Numbers = Map<string, number>;

/** The table while it fills up: as large as the lines of the file allow, of which `rows` are filled. */
interface Table {
  readonly inputs: Float32Array;
  readonly labels: Uint8Array;
  readonly clients: Uint32Array;
  readonly labelNumbers: Numbers;
  readonly clientNumbers: Numbers;
  rows: number;
}

/** Labels are kept as bytes. */
const MAXIMUM_CLASSES = 256;
/** What counts as a number: no hexadecimal, no infinity, nothing empty. */
const decimal = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/;

/**
 * Reads a CSV file as a dataset of float32 features, streaming.
 *
 * Throws FEDX_DATA_NOT_FOUND where there is no such file; FEDX_DATA_CORRUPT, with the line, for a row that has more or
 * fewer values than the header, an empty label or client, a feature that is no finite number, a broken quote, a column
 * that is not there, and for a file without rows, with one label only or with more than 256; FEDX_RUN_INTERRUPTED once
 * the signal is aborted.
 */
export async function readCsv(path: string, names: ColumnNames, signal: AbortSignal): Promise<Dataset> {
  const { lines, digest } = await survey(path, signal);
  let columns: Columns | undefined;
  let width = 0;
  let table = emptyTable(0, 0, false);
  const onRow = (values: readonly string[], line: number): void => {
    if (columns === undefined) {
      columns = findColumns(path, values, names);
      width = values.length;
      table = emptyTable(lines - 1, columns.features.length, columns.client !== -1);
      return;
    }
    if (values.length !== width)
      throw unfit(path, line, `the row has ${values.length} values, but the header has ${width}`);
    addRow(table, values, columns, (finding) => unfit(path, line, finding));
  };
  const { parse } = await import('csv-parse');
  const parser = parse({
    bom: true,
    delimiter: names.delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    // The rows end here: nothing is kept of them in the stream.
    on_record: (values: readonly string[], { lines: line }) => {
      onRow(values, line);
      return null;
    },
  });
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), parser, { signal });
  } catch (cause) {
    throw explain(path, cause, signal);
  }
  if (columns === undefined || table.rows === 0)
    throw unfit(
      path,
      1,
      'the file has no rows below a header',
      'Give it a row with the names of the columns, and one for each example.',
    );
  return finish(path, table, { names, columns, digest });
}

/** Number of lines, at least that of rows, and SHA-256 of the file. */
async function survey(path: string, signal: AbortSignal): Promise<{ lines: number; digest: string }> {
  const hash = createHash('sha256');
  let lines = 1;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
    }
  } catch (cause) {
    throw explain(path, cause, signal);
  }
  return { lines, digest: hash.digest('hex') };
}

function emptyTable(rows: number, features: number, withClients: boolean): Table {
  return {
    inputs: new Float32Array(rows * features),
    labels: new Uint8Array(rows),
    clients: new Uint32Array(withClients ? rows : 0),
    labelNumbers: new Map(),
    clientNumbers: new Map(),
    rows: 0,
  };
}

function addRow(
  table: Table,
  values: readonly string[],
  { label, client, features }: Columns,
  flaw: (finding: string) => FedxError,
): void {
  const { inputs, labels, clients, labelNumbers, clientNumbers, rows } = table;
  const name = values[label]?.trim() ?? '';
  if (name === '') throw flaw('the row has no label');
  labels[rows] = numberOf(labelNumbers, name);
  if (labelNumbers.size > MAXIMUM_CLASSES)
    throw flaw(`${JSON.stringify(name)} is label number ${MAXIMUM_CLASSES + 1}, but ${MAXIMUM_CLASSES} are the most`);
  if (client !== -1) {
    const owner = values[client]?.trim() ?? '';
    if (owner === '') throw flaw('the row has no client');
    clients[rows] = numberOf(clientNumbers, owner);
  }
  for (let feature = 0; feature < features.length; feature++) {
    const column = features[feature] ?? 0;
    const text = values[column] ?? '';
    const value = Math.fround(Number(text));
    if (!decimal.test(text) || !Number.isFinite(value))
      throw flaw(`column ${column + 1} has ${JSON.stringify(text)}, which is no number that float32 holds`);
    inputs[rows * features.length + feature] = value;
  }
  table.rows += 1;
}

function numberOf(numbers: Numbers, name: string): number {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  numbers.set(name, numbers.size);
  return numbers.size - 1;
}

function finish(
  path: string,
  { inputs, labels, clients, labelNumbers, clientNumbers, rows }: Table,
  { names, columns, digest }: { readonly names: ColumnNames; readonly columns: Columns; readonly digest: string },
): Dataset {
  if (labelNumbers.size < 2)
    throw unfit(
      path,
      1,
      `every row has the label ${JSON.stringify([...labelNumbers.keys()][0])}: there is nothing to learn`,
      'Use a file with two labels or more, or set dataset.label to the column that has them.',
    );
  const ranks = ranksOf([...labelNumbers.keys()]);
  for (let row = 0; row < rows; row++) labels[row] = ranks[labels[row] ?? 0] ?? 0;
  const features = columns.features.length;
  return {
    examples: rows,
    inputShape: [features],
    inputs: inputs.subarray(0, rows * features),
    scale: 1,
    labels: labels.subarray(0, rows),
    classes: ranks.length,
    ...(columns.client !== -1 && { groups: { of: clients.subarray(0, rows), names: [...clientNumbers.keys()] } }),
    digest: createHash('sha256')
      .update(`csv ${digest} ${JSON.stringify([columns, names.delimiter])}`)
      .digest('hex'),
  };
}

/** The place of each name among all, in numerical order where all are numbers, else in that of their characters. */
function ranksOf(names: readonly string[]): number[] {
  const isNumerical = names.every((name) => decimal.test(name));
  const sorted = [...names].sort((a, b) => (isNumerical ? Number(a) - Number(b) : a < b ? -1 : 1));
  const ranks = new Map(sorted.map((name, rank) => [name, rank]));
  return names.map((name) => ranks.get(name) ?? 0);
}

function explain(path: string, cause: unknown, signal: AbortSignal): FedxError {
  if (signal.aborted) return new FedxError('FEDX_RUN_INTERRUPTED', `The run was interrupted while it read ${path}.`);
  if (isFedxError(cause)) return cause;
  const { message, lines } = cause as Error & { readonly lines?: number };
  if (lines !== undefined) return unfit(path, lines, message.replace(/\.$/, ''));
  return new FedxError('FEDX_DATA_NOT_FOUND', `Cannot read ${path}: ${message}.`, { place: { file: path }, cause });
}
