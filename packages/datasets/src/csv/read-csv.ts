import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Dataset, FedxError, isFedxError } from '@fedx/core';
import { assertFeaturesApart, type ColumnNames, type Columns, findColumns, unfit } from './columns.js';
import { lineOfOpenQuote } from './open-quote.js';
import { noNumber, type RowPlace, tooManyClasses } from './row-flaws.js';
import { survey, type TextEncoding } from './survey.js';

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
 * Throws FEDX_SPEC_INVALID where a feature is the label or the client; FEDX_DATA_NOT_FOUND where there is no such file;
 * FEDX_DATA_CORRUPT, with the line, for a row that has more or fewer values than the header, an empty label or client,
 * a feature that is no finite number, a broken quote, bytes that are no UTF-8, a column that is not there, and for a
 * file without rows, with one label only or with more than 256; FEDX_RUN_INTERRUPTED once the signal is aborted.
 */
export async function readCsv(path: string, names: ColumnNames, signal: AbortSignal): Promise<Dataset> {
  assertFeaturesApart(names);
  const { lines, digest, encoding } = await survey(path, signal).catch((cause: unknown) => {
    throw explain(path, cause, signal);
  });
  let columns: Columns | undefined;
  let header: readonly string[] = [];
  let table = emptyTable(0, 0, false);
  const onRow = (values: readonly string[], line: number): void => {
    if (columns === undefined) {
      header = values.map((name) => name.trim());
      columns = findColumns(path, header, names);
      table = emptyTable(lines - 1, columns.features.length, columns.client !== -1);
      return;
    }
    if (values.length !== header.length)
      throw unfit(path, line, `the row has ${values.length} values, but the header has ${header.length}`);
    addRow(table, values, columns, { path, line, header, names });
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
    throw await explainRow(path, cause, encoding, signal);
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

function addRow(table: Table, values: readonly string[], columns: Columns, place: RowPlace): void {
  const { inputs, labels, clients, labelNumbers, clientNumbers, rows } = table;
  const { label, client, features } = columns;
  const { path, line } = place;
  const name = values[label]?.trim() ?? '';
  if (name === '') throw unfit(path, line, 'the row has no label');
  labels[rows] = numberOf(labelNumbers, name);
  if (labelNumbers.size > MAXIMUM_CLASSES) throw tooManyClasses(MAXIMUM_CLASSES, name, label, place);
  if (client !== -1) {
    const owner = values[client]?.trim() ?? '';
    if (owner === '') throw unfit(path, line, 'the row has no client');
    clients[rows] = numberOf(clientNumbers, owner);
  }
  for (let feature = 0; feature < features.length; feature++) {
    const column = features[feature] ?? 0;
    const text = values[column] ?? '';
    const value = Math.fround(Number(text));
    if (!decimal.test(text) || !Number.isFinite(value)) throw noNumber(text, column, rows === 0, place);
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

/** What the parser found wrong with quotes, by its codes. */
const quoteFlaws: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'the quote that opens on this line is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'more text follows the quote that ends a value, which opened here or on a line before',
  INVALID_OPENING_QUOTE: 'there is a quote within a value that does not begin with one',
};

/** What went wrong while rows were read. The parser finds at the end of the file that a quote is open. */
async function explainRow(
  path: string,
  cause: unknown,
  encoding: TextEncoding,
  signal: AbortSignal,
): Promise<FedxError> {
  const { code = '', lines = 1 } = cause as { readonly code?: string; readonly lines?: number };
  const flaw = quoteFlaws[code];
  if (flaw === undefined || signal.aborted) return explain(path, cause, signal);
  const line = code === 'CSV_QUOTE_NOT_CLOSED' ? await lineOfOpenQuote(path, encoding, signal) : lines;
  return unfit(path, line, flaw, 'Put quotes around the whole value or not at all, and write those within it twice.');
}

function explain(path: string, cause: unknown, signal: AbortSignal): FedxError {
  if (signal.aborted) return new FedxError('FEDX_RUN_INTERRUPTED', `The run was interrupted while it read ${path}.`);
  if (isFedxError(cause)) return cause;
  const { message } = cause as Error;
  return new FedxError('FEDX_DATA_NOT_FOUND', `Cannot read ${path}: ${message}.`, { place: { file: path }, cause });
}
