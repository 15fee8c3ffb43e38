import type { Origin, SpecExplanation } from '@fedx/core/host';
import type { Paint } from './paint.js';
import { type Column, renderTable } from './table.js';

const columns: readonly Column[] = ['key', 'value', 'from'].map((heading) => ({ heading, align: 'left' }));

/** So much of a long value is shown; `--json` has all of it. */
const WIDTH = 40;

/** A table of every value of the resolved spec and where it comes from. */
export async function renderExplanation({ spec, values }: SpecExplanation, paint: Paint): Promise<string> {
  const rows = values.map(({ path, value, origin }) => {
    const text = JSON.stringify(value);
    return [path, text.length > WIDTH ? `${text.slice(0, WIDTH)}…` : text, renderOrigin(origin)];
  });
  return `${paint('bold', spec.name)}\n${await renderTable(columns, rows)}`;
}

/** E.g. `noniid.yaml:7:3`, `argument server.rounds=10` or `default of the optimizer sgd, as client.optimizer`. */
function renderOrigin(origin: Origin): string {
  const { from, variables = [] } = origin;
  return [
    renderSource(origin),
    ...(from === undefined ? [] : [`as ${from}`]),
    ...(variables.length === 0 ? [] : [`with ${variables.map((name) => `\${env:${name}}`).join(', ')}`]),
  ].join(', ');
}

function renderSource(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      return `${origin.file}:${origin.line}:${origin.column}`;
    case 'argument':
      return `argument ${origin.argument}`;
    case 'default':
      return `default of ${origin.of}`;
  }
}
