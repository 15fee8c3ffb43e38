import type { FedxError } from '@fedx/core';
import { type ColumnNames, unfit } from './columns.js';

/** Where a row stands, for what is wrong with it. */
export interface RowPlace {
  readonly path: string;
  readonly line: number;
  readonly header: readonly string[];
  readonly names: ColumnNames;
}

/** About the header, as it is the column that is wrong and not the row. */
export function tooManyClasses(
  most: number,
  name: string,
  column: number,
  { path, line, header }: RowPlace,
): FedxError {
  return unfit(
    path,
    1,
    `the column of labels, ${quoteName(header, column)}, has more than ${most} different labels; ` +
      `${JSON.stringify(name)} on line ${line} is the first too many`,
    'Set dataset.label to a column of classes. Quantities have to be put into classes in the file first.',
  );
}

/** Where the first row is at fault already, the column may not be meant to be a feature. */
export function noNumber(
  text: string,
  column: number,
  isFirstRow: boolean,
  { path, line, header, names }: RowPlace,
): FedxError {
  const name = quoteName(header, column);
  const finding = `the column ${name} has ${JSON.stringify(text)}, which is no number that float32 holds`;
  if (!isFirstRow) return unfit(path, line, finding);
  if (names.features !== undefined)
    return unfit(path, line, finding, `Take ${name} out of dataset.features, or mend the line.`);
  const hints = [
    ...(names.client === undefined ? [`set dataset.client to ${name} if it says whose example a row is`] : []),
    'list the columns of numbers in dataset.features',
    'mend the line',
  ].join(', or ');
  return unfit(path, line, finding, `${hints.charAt(0).toUpperCase()}${hints.slice(1)}.`);
}

function quoteName(header: readonly string[], column: number): string {
  return header[column] === '' ? `number ${column + 1}` : JSON.stringify(header[column]);
}
