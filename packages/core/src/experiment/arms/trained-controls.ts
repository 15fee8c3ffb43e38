import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type JournalEntry,
  type Metrics,
  type Recorder,
  type RunFolder,
  readJournal,
  runPaths,
} from '../../runs/index.js';
import type { ExperimentSpec } from '../../spec/index.js';
import type { ArmPlan } from './plan-arms.js';

/** What a control came to in the run that trained it. */
export interface TrainedControl {
  /** That run's id. */
  readonly run: string;
  readonly steps: readonly { readonly step: number; readonly metrics: Metrics }[];
  readonly end: Pick<ArmCompleted, 'steps' | 'seconds' | 'model' | 'confusion'>;
  /** The files of its final model, by name. */
  readonly model: readonly (readonly [file: string, content: Uint8Array])[];
}

type ArmCompleted = Extract<JournalEntry, { readonly type: 'arm-completed' }>;

/**
 * The controls that an invocation has trained. Points of a sweep that differ in nothing that a control sees, as in their
 * strategies, have the same control to the bit, so that it is trained once.
 */
export interface TrainedControls {
  /** Undefined for arms that are no such control, where none has been trained yet, and where its run is not what it was. */
  find(spec: ExperimentSpec, plan: ArmPlan): Promise<TrainedControl | undefined>;
  add(spec: ExperimentSpec, plan: ArmPlan, folder: RunFolder): void;
}

export function createTrainedControls(): TrainedControls {
  const folders = new Map<string, RunFolder>();
  return {
    async find(spec, plan) {
      const folder = folders.get(keyOf(spec, plan));
      // Whoever removes or changes a run while others follow has it trained once more.
      return folder && readControl(folder, plan.name).catch(() => undefined);
    },
    add(spec, plan, folder) {
      if (isShared(plan)) folders.set(keyOf(spec, plan), folder);
    },
  };
}

/** The other arms are federations, which all of the spec decides. */
function isShared({ use }: ArmPlan): boolean {
  return use === 'centralized' || use === 'local-only';
}

/** What decides nothing of what these controls compute; their plan says what there is of `client`, `controls` and `server`. */
const undecisive: ReadonlySet<string> = new Set<keyof ExperimentSpec>([
  'name',
  'strategy',
  'transforms',
  'environment',
  'server',
  'client',
  'controls',
  'checkpoint',
  'executor',
  'tracking',
  'expect',
]);

function keyOf(spec: ExperimentSpec, plan: ArmPlan): string {
  return JSON.stringify([Object.entries(spec).filter(([key]) => !undecisive.has(key)), plan]);
}

async function readControl(folder: RunFolder, arm: string): Promise<TrainedControl | undefined> {
  const steps: TrainedControl['steps'][number][] = [];
  let end: ArmCompleted | undefined;
  for await (const entry of readJournal(folder.path(runPaths.journal))) {
    if (entry.type === 'step-completed' && entry.arm === arm) steps.push(entry);
    if (entry.type === 'arm-completed' && entry.arm === arm) end = entry;
  }
  if (end === undefined) return undefined;
  const files = end.model === undefined ? [] : await readdir(dirname(folder.path(end.model.split('/'))));
  const model = files.map(async (file) => [file, await readFile(folder.path(runPaths.model(arm, file)))] as const);
  return { run: folder.id, steps, end, model: await Promise.all(model) };
}

/** Has a run's journal and folder say of an arm what they would say had it been trained there. */
export async function repeatControl(
  { run, steps, end, model }: TrainedControl,
  { name: arm, use, steps: planned }: ArmPlan,
  { recorder, folder }: { readonly recorder: Recorder; readonly folder: RunFolder },
): Promise<void> {
  recorder.record({ type: 'arm-started', arm, use, steps: planned, repeats: run });
  for (const { step, metrics } of steps) recorder.record({ type: 'step-completed', arm, step, metrics });
  for (const [file, content] of model) await folder.writeFile(runPaths.model(arm, file), content);
  const { seconds, confusion } = end;
  recorder.record({
    type: 'arm-completed',
    arm,
    steps: end.steps,
    seconds,
    ...(end.model !== undefined && { model: end.model }),
    ...(confusion !== undefined && { confusion }),
  });
}
