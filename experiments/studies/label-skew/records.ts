import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import type { Setting } from './design.js';

/** What was measured, one record for each trial and each test run. */
export type StudyRecord = Trial | Outcome | Control | Limit;

/** A setting on the validation set, with the tuning seed. */
export interface Trial extends Setting {
  readonly type: 'trial';
  /** A cell's name, or `centralized`. */
  readonly cell: string;
  readonly stage: 'first' | 'second';
  /** Absent where training diverged. */
  readonly validation?: number;
}

/** A run of the chosen setting on the test set. */
export interface Outcome extends Setting {
  readonly type: 'test';
  readonly cell: string;
  readonly seed: number;
  /** Mean over the last five evaluations; absent where training diverged, as is all that follows. */
  readonly accuracy?: number;
  /** The worst client's accuracy on its own test images, at the end. */
  readonly worst?: number;
  /** Test accuracy at each evaluation. */
  readonly curve?: readonly number[];
}

/** A control of a cell, with the hyper-parameters that were chosen for fedavg there. */
export interface Control {
  readonly type: 'control';
  readonly cell: string;
  readonly arm: string;
  readonly seed: number;
  readonly accuracy: number;
}

/** A curve of its own: many rounds, or one full-batch step a round. */
export interface Limit {
  readonly type: 'limit';
  readonly cell: string;
  readonly arm: string;
  readonly seed: number;
  /** Rounds from one entry of the curves to the next. */
  readonly every: number;
  /** Test accuracy and test loss. */
  readonly curve: readonly number[];
  readonly loss: readonly number[];
}

/** The records of `results/label-skew.jsonl`, one a line, in the order of measuring. */
export interface Store {
  readonly records: StudyRecord[];
  add(records: readonly StudyRecord[]): Promise<void>;
}

const folder = new URL('../results/', import.meta.url);
const file = new URL('label-skew.jsonl', folder);

export async function readRecords(): Promise<StudyRecord[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as StudyRecord]));
}

/** Opens what is known from earlier calls; a study that was cut short goes on from there. */
export async function openStore(): Promise<Store> {
  await mkdir(folder, { recursive: true });
  const records = await readRecords();
  return {
    records,
    async add(more) {
      records.push(...more);
      const part = new URL('label-skew.jsonl.part', folder);
      await writeFile(part, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
      await rename(part, file);
    },
  };
}

/** The setting that the trials of a cell chose for a strategy: the best on the validation set. */
export function chosenSetting(records: readonly StudyRecord[], cell: string, use: string): Trial | undefined {
  return trialsOf(records, cell)
    .filter(({ strategy }) => strategy.use === use)
    .reduce<Trial | undefined>(
      (best, trial) => (best === undefined || score(trial) > score(best) ? trial : best),
      undefined,
    );
}

/** The trials of a cell, in the order of measuring. */
export function trialsOf(records: readonly StudyRecord[], cell: string): readonly Trial[] {
  return records.filter((record): record is Trial => record.type === 'trial' && record.cell === cell);
}

function score({ validation }: Trial): number {
  return validation ?? -1;
}
