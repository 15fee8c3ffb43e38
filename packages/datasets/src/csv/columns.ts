import { FedxError } from '@fedx/core';

/** Which column means what, as the spec says it. */
export interface ColumnNames {
  readonly label: string;
  readonly client?: string;
  /** Default: all other columns. */
  readonly features?: readonly string[];
  readonly delimiter: string;
}

/** Where in a row each thing stands. */
export interface Columns {
  readonly label: number;
  /** -1 where there is none. */
  readonly client: number;
  readonly features: readonly number[];
}

/** Throws FEDX_SPEC_INVALID where a feature is the label, which a model would read off, or the client. */
export function assertFeaturesApart({ label, client, features = [] }: ColumnNames): void {
  for (const [option, name] of Object.entries({ label, client })) {
    if (name === undefined || !features.includes(name)) continue;
    const text = JSON.stringify(name);
    const message = `dataset.features has ${text}, which is the column of dataset.${option}.`;
    const hint = `Take ${text} out of dataset.features, or set dataset.${option} to another column.`;
    throw new FedxError('FEDX_SPEC_INVALID', message, { hint });
  }
}

/** Finds the columns in the trimmed header. Throws FEDX_DATA_CORRUPT for one that is missing or there twice. */
export function findColumns(
  path: string,
  header: readonly string[],
  { label, client, features }: ColumnNames,
): Columns {
  const doubled = header.find((name, column) => header.indexOf(name) !== column);
  if (doubled !== undefined)
    throw unfit(
      path,
      1,
      `the header has the column ${JSON.stringify(doubled)} twice`,
      'Give the columns names of their own.',
    );
  const find = (name: string, option: string): number => {
    const column = header.indexOf(name);
    if (column !== -1) return column;
    const names = header.length > 20 ? `${header.slice(0, 20).join(', ')}, …` : header.join(', ');
    const hint = `Set dataset.${option} to the name of a column, or dataset.delimiter to what stands between values.`;
    throw unfit(path, 1, `there is no column ${JSON.stringify(name)}; there are ${names}`, hint);
  };
  const labelColumn = find(label, 'label');
  const clientColumn = client === undefined ? -1 : find(client, 'client');
  const others = header.flatMap((_, column) => (column === labelColumn || column === clientColumn ? [] : [column]));
  const featureColumns = features?.map((name) => find(name, 'features')) ?? others;
  if (featureColumns.length === 0)
    throw unfit(path, 1, 'there is no column of numbers beside those', 'Add columns of numbers.');
  return { label: labelColumn, client: clientColumn, features: featureColumns };
}

/** FEDX_DATA_CORRUPT about a line of the file, from 1. */
export function unfit(path: string, line: number, finding: string, hint?: string): FedxError {
  return new FedxError('FEDX_DATA_CORRUPT', `${path}, line ${line}: ${finding}.`, {
    place: { file: path, line },
    hint: hint ?? 'Mend the line, or leave it out.',
  });
}
