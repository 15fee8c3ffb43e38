import { MlflowError } from './mlflow-error.js';

/** The condition that a tag has this value, for the `filter` of a search. Throws CLIENT_INVALID_ARGUMENT. */
export function tagEquals(key: string, value: string): string {
  return `tags.${quoteKey(key)} = ${quoteText(value)}`;
}

/** MLflow's filters know two kinds of quotes and no way to write either inside of itself. */
function quoteText(value: string): string {
  if (!value.includes("'")) return `'${value}'`;
  if (!value.includes('"')) return `"${value}"`;
  throw new MlflowError(
    'CLIENT_INVALID_ARGUMENT',
    'A search cannot be for a text that holds both single and double quotes.',
  );
}

function quoteKey(key: string): string {
  if (!key.includes('`')) return `\`${key}\``;
  throw new MlflowError('CLIENT_INVALID_ARGUMENT', 'A search cannot be for a key that holds a backtick.');
}
