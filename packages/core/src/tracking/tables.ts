import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawHeatmap } from '../figures/index.js';
import { runPaths, storageFailed } from '../runs/index.js';

/** A table as MLflow's `log_table` writes it and its screen shows it: pandas' orientation "split". */
export interface SplitTable {
  readonly columns: readonly string[];
  readonly data: readonly (readonly (number | string)[])[];
}

/** What is shown of `partition.json`: images by client and label, and of what use they are. */
export interface ShownPartition {
  /** `[clients][labels]`. */
  readonly labels: readonly (readonly number[])[];
  readonly train: readonly number[];
  readonly validation: readonly number[];
  readonly test: readonly number[];
}

/** Throws FEDX_STORAGE_FAILED. */
export async function readPartition(runDirectory: string): Promise<ShownPartition> {
  const path = join(runDirectory, ...runPaths.partition);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ShownPartition;
  } catch (error) {
    throw storageFailed('read', path, error);
  }
}

/** A row a client. */
export function partitionTable({ labels, test, train, validation }: ShownPartition): SplitTable {
  const classes = labels[0]?.length ?? 0;
  return {
    columns: ['client', ...numbers(classes).map((label) => `label ${label}`), 'train', 'validation', 'test'],
    data: labels.map((counts, client) => [
      client,
      ...counts,
      ...[train, validation, test].map((sizes) => sizes[client] ?? 0),
    ]),
  };
}

/** A row a true class, a column a predicted one. */
export function confusionTable(confusion: readonly (readonly number[])[]): SplitTable {
  return {
    columns: ['true class', ...numbers(confusion.length).map((label) => `predicted ${label}`)],
    data: confusion.map((counts, label) => [label, ...counts]),
  };
}

/** More clients make no picture that anybody can read. */
const shownClients = 60;

/** An SVG: rows are clients, columns labels. */
export function partitionPicture({ labels }: ShownPartition): Promise<string> {
  const shown = labels.slice(0, shownClients);
  const of = shown.length < labels.length ? `, the first ${shown.length} of ${labels.length} clients` : '';
  return drawHeatmap({
    title: `Images by client and label${of}`,
    rows: { name: 'client', labels: numbers(shown.length) },
    columns: { name: 'label', labels: numbers(labels[0]?.length ?? 0) },
    values: shown,
  });
}

/** An SVG: rows are true classes, columns predicted ones. */
export function confusionPicture(confusion: readonly (readonly number[])[], arm: string): Promise<string> {
  return drawHeatmap({
    title: `Test images by true and predicted class, ${arm}`,
    rows: { name: 'true class', labels: numbers(confusion.length) },
    columns: { name: 'predicted class', labels: numbers(confusion.length) },
    values: confusion,
  });
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}
