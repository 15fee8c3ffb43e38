import { bytesOfData, loadData, saveData, whyUnsavable } from '../../export/index.js';
import { type Checkpoint, type FileSystem, saveCheckpoint } from '../../runs/index.js';
import type { CheckpointSpec } from '../../spec/index.js';
import { secondsSince } from './arm.js';

/** What an arm's future hangs on, saved now and then: plain data, made of parameters, numbers, lists and records. */
export interface ArmCheckpoints {
  /** The step after which the arm goes on; 0 where it begins. */
  readonly step: number;
  /** What was saved after that step, as {@link save} got it; undefined where the arm begins. */
  saved(): unknown;
  /**
   * Hands over what the arm is after a step. Resolves soon: what is written is written behind the arm's back, and only
   * once the journal holds the step. Rejects with what an earlier checkpoint failed with.
   */
  save(step: number, state: unknown): Promise<void>;
  /** Ends the writing; of an arm that did not come to its end the last state that the journal has the step of is kept. */
  close(completed: boolean): Promise<void>;
}

export interface ArmCheckpointsOptions {
  /** Folder of the arm's checkpoints. */
  readonly directory: string;
  readonly spec: CheckpointSpec;
  /** The arm's last step, after which nothing is saved: what it ends with comes from its evaluation. */
  readonly steps: number;
  /** Where to go on; absent: at the beginning. */
  readonly from?: Checkpoint | undefined;
  readonly fileSystem: FileSystem;
  /** Seconds that the arm has taken so far, in all processes. */
  readonly seconds: () => number;
  /** Resolves once all steps that the arm has handed over are on disk in the journal. */
  readonly inJournal: () => Promise<unknown>;
  /** The step that the journal holds last. */
  readonly lastInJournal: () => number;
  readonly warn: (message: string) => void;
}

/** `every: auto`: seconds between two checkpoints at least, and at least so many times what the last one took: 2 %. */
const AUTO_SECONDS = 10;
const AUTO_TIMES = 50;
/** Before the first was written: a slow processor makes its bytes, hashes them and hands them to the disk no slower than this. */
const BYTES_A_SECOND = 100e6;

const STRUCTURE = 'state.json';
const TENSORS = 'tensors.safetensors';

export function createArmCheckpoints(options: ArmCheckpointsOptions): ArmCheckpoints {
  const { directory, spec, steps, from, fileSystem, seconds, inJournal, lastInJournal, warn } = options;
  /** States that are not saved, oldest first: the newest that the journal has the step of, and all after it. */
  let recent: { readonly step: number; readonly state: unknown }[] = [];
  let writing: Promise<void> = Promise.resolve();
  let isWriting = false;
  let failure: { readonly error: unknown } | undefined;
  let unsavable: boolean | undefined;
  let lastEnd = performance.now();
  let lastCost: number | undefined;

  function isDue(step: number, state: unknown): boolean {
    if (spec.every !== 'auto') return step % spec.every === 0;
    const waited = secondsSince(lastEnd);
    if (isWriting || waited < AUTO_SECONDS) return false;
    return waited >= AUTO_TIMES * (lastCost ?? bytesOfData(state) / BYTES_A_SECOND);
  }

  function isSavable(state: unknown): boolean {
    if (unsavable === undefined) {
      const why = whyUnsavable(state);
      unsavable = why !== undefined;
      if (unsavable)
        warn(`There are no checkpoints, as ${why}: a state is made of parameters, numbers, lists and records.`);
    }
    return !unsavable;
  }

  function write(step: number, state: unknown): Promise<void> {
    const begun = performance.now();
    const { structure, tensors } = saveData(state);
    const checkpoint = { step, seconds: seconds(), files: { [STRUCTURE]: Buffer.from(structure), [TENSORS]: tensors } };
    const serialised = secondsSince(begun);
    isWriting = true;
    return inJournal().then(async () => {
      const start = performance.now();
      await saveCheckpoint(directory, checkpoint, spec.keep, fileSystem);
      recent = recent.filter((other) => other.step > step);
      lastCost = serialised + secondsSince(start);
      lastEnd = performance.now();
      isWriting = false;
    });
  }

  return {
    step: from?.step ?? 0,
    saved() {
      if (from === undefined) return undefined;
      const { [STRUCTURE]: structure = new Uint8Array(), [TENSORS]: tensors = new Uint8Array() } = from.files;
      // Its hashes are right, so that this is what the arm once gave to save().
      return loadData({ structure: Buffer.from(structure).toString('utf8'), tensors });
    },
    async save(step, state) {
      if (failure !== undefined) throw failure.error as Error;
      if (step >= steps || !isSavable(state)) return;
      const held = lastInJournal();
      recent = [
        ...recent.slice(
          Math.max(
            0,
            recent.findLastIndex((other) => other.step <= held),
          ),
        ),
        { step, state },
      ];
      if (!isDue(step, state)) return;
      // With a fixed distance each one is written, however slow the disk.
      await writing;
      writing = write(step, state).catch((error: unknown) => {
        failure = { error };
      });
    },
    async close(completed) {
      await writing;
      if (failure !== undefined) throw failure.error as Error;
      const last = completed ? undefined : recent.findLast(({ step }) => step <= lastInJournal());
      if (last !== undefined) await write(last.step, last.state);
    },
  };
}
