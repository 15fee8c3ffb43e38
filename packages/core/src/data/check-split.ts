import type { ExactSplit } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';

/**
 * Returns a split that a partitioner brought. Throws FEDX_PLUGIN_FAILED, naming it, where a row does not exist or is in
 * two places, where a client's test or validation rows are not of the global sets, and where there is no test set.
 */
export function checkSplit(name: string, split: ExactSplit, examples: number): ExactSplit {
  const flaw = describeFlaw(split, examples);
  if (flaw === undefined) return split;
  throw new FedxError('FEDX_PLUGIN_FAILED', `The partitioner ${name} returned a split with ${flaw}.`, {
    place: { plugin: name },
  });
}

/** Where a row is, globally. */
const places = { none: 0, test: 1, validation: 2 } as const;

function describeFlaw({ test, validation, clients }: ExactSplit, examples: number): string | undefined {
  if (!areRows(test, validation) || !isList(clients))
    return 'no test and validation (Uint32Array) and clients (a list)';
  const flawed = clients.findIndex(
    (client: ExactSplit['clients'][number] | null | undefined) =>
      !areRows(client?.train, client?.validation, client?.test),
  );
  if (flawed !== -1) return `a client ${flawed} without train, validation and test (Uint32Array)`;
  if (test.length === 0) return 'no test set';
  if (clients.length === 0) return 'no clients';
  const place = new Uint8Array(examples);
  const owned = new Uint8Array(examples);
  let flaw: string | undefined;
  const visit = (rows: Uint32Array, check: (row: number) => string | undefined) => {
    for (let i = 0; i < rows.length && flaw === undefined; i++) {
      const row = rows[i] ?? 0;
      flaw = row < examples ? check(row) : `row ${row} of a dataset of ${examples}`;
    }
  };
  for (const [use, rows] of [['test', test] as const, ['validation', validation] as const])
    visit(rows, (row) => {
      if (place[row] !== places.none) return `row ${row} twice in the holdouts`;
      place[row] = places[use];
      return undefined;
    });
  clients.forEach((client, k) => {
    const own = (rows: Uint32Array, expected: number) => {
      visit(rows, (row) => {
        if (owned[row] === 1) return `row ${row} twice, the second time for client ${k}`;
        owned[row] = 1;
        return place[row] === expected ? undefined : `row ${row} in another set for client ${k} than for all`;
      });
    };
    own(client.train, places.none);
    own(client.test, places.test);
    own(client.validation, places.validation);
  });
  return flaw;
}

function areRows(...all: readonly unknown[]): boolean {
  return all.every((rows) => rows instanceof Uint32Array);
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}
