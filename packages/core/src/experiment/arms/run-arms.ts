import type { Parameters } from '../../contracts/index.js';
import type { Engine } from '../../engines/index.js';
import { isFedxError } from '../../errors/index.js';
import { toOnnxModel, toSafetensors } from '../../export/index.js';
import { type Tables, tablesOf } from '../../programs/index.js';
import {
  type Checkpoint,
  type FileSystem,
  findCheckpoint,
  type JournalEntry,
  type Recorder,
  type ResumedArm,
  type RunFolder,
  runPaths,
} from '../../runs/index.js';
import type { FederatedArm } from '../clients/federated-client.js';
import { lowerMetrics } from '../evaluation/chosen-metrics.js';
import type { Experiment } from '../experiment.js';
import type { Programs } from '../programs.js';
import { secondsSince } from './arm.js';
import { type ArmCheckpoints, createArmCheckpoints } from './arm-checkpoints.js';
import { type ArmHistory, failureKey, historyOf, lastStep } from './arm-history.js';
import { runCentralized } from './centralized.js';
import { compileArm } from './compile-arm.js';
import { runFederated } from './federated.js';
import { runLocalOnly } from './local-only.js';
import type { ArmPlan } from './plan-arms.js';
import { createReporter, type Reporter } from './reporter.js';
import { createStopRule } from './stop-rule.js';
import { repeatControl, type TrainedControls } from './trained-controls.js';

export interface RunContext {
  readonly engine: Engine;
  /** What the engine has compiled so far, for this run or one before. */
  readonly programs: Programs;
  /** The controls that runs before have trained. */
  readonly trained: TrainedControls;
  readonly recorder: Recorder;
  readonly folder: RunFolder;
  readonly fileSystem: FileSystem;
  readonly cache: string;
  readonly signal: AbortSignal;
  /** File of the packed inputs, beside the programs. */
  readonly inputsFile: string;
  /** Ends the other arms when one fails. */
  readonly stop: () => void;
  /** What the journal held when the run was resumed; empty where it begins. */
  readonly held: readonly JournalEntry[];
  /** Goes on from steps that are not what they were. */
  readonly force: boolean;
}

/** An arm with what there is of it from before. */
interface ArmStart {
  readonly plan: ArmPlan;
  readonly history: ArmHistory;
  readonly from: Checkpoint | undefined;
}

/** Runs all arms side by side on the engine's workers. Rejects with the first failure once all have ended. */
export async function runArms(experiment: Experiment, context: RunContext): Promise<void> {
  const tables = tablesOf(experiment.data.dataset, context.inputsFile);
  const starts = experiment.arms.map((plan) => startOf(plan, context));
  const { folder, recorder, held } = context;
  if (held.length > 0) {
    recorder.record({ type: 'run-resumed', run: folder.id, arms: starts.map(resumedArm) });
  }
  const failures: unknown[] = [];
  await Promise.all(
    starts
      .filter(({ history }) => !history.completed)
      .map((start) =>
        runArm(experiment, start, tables, context).catch((error: unknown) => {
          failures.push(error);
          context.stop();
        }),
      ),
  );
  if (failures.length > 0) throw failures[0];
}

/** Where an arm goes on: at the newest checkpoint that is whole and that the journal is not behind of. */
function startOf(plan: ArmPlan, { folder, held, recorder }: RunContext): ArmStart {
  const history = historyOf(plan.name, held);
  if (!history.begun || history.completed) return { plan, history, from: undefined };
  const { checkpoint: from, damaged } = findCheckpoint(checkpointsFolder(folder, plan), lastStep(history));
  if (damaged.length > 0) {
    const next = from === undefined ? 'the arm starts anew' : `step ${from.step} is used`;
    recorder.record({
      type: 'warning',
      arm: plan.name,
      message: `A checkpoint is damaged (${damaged.join('; ')}); ${next}.`,
    });
  }
  return { plan, history, from };
}

function resumedArm({ plan, history, from }: ArmStart): ResumedArm {
  const { name: arm, use, steps } = plan;
  return { arm, use, steps, step: history.completed ? steps : (from?.step ?? 0) };
}

function checkpointsFolder(folder: RunFolder, { name }: ArmPlan): string {
  return folder.path(runPaths.checkpoints(name));
}

/** The rule by which a federation stops early, with what it saw before the checkpoint. */
function stopRuleOf(experiment: Experiment, { history, from }: ArmStart): FederatedArm['stop'] {
  const { spec } = experiment;
  const { stop } = spec.server;
  if (stop === undefined) return undefined;
  const before = [...history.steps].filter(([step]) => step <= (from?.step ?? 0) && step % spec.evaluate.every === 0);
  return createStopRule(
    stop,
    before.map(([, metrics]) => metrics),
    lowerMetrics(experiment),
  );
}

/** Where an arm's results go while it runs. */
interface ArmOutlets extends Pick<FederatedArm, 'onClientFailure' | 'stop'> {
  readonly reporter: Reporter;
  readonly checkpoints: ArmCheckpoints;
}

async function runArm(
  experiment: Experiment,
  { plan, history, from }: ArmStart,
  tables: Tables,
  context: RunContext,
): Promise<void> {
  const { recorder, fileSystem, folder, force, trained } = context;
  const same = history.begun ? undefined : await trained.find(experiment.spec, plan);
  if (same !== undefined) return repeatControl(same, plan, context);
  const start = performance.now();
  const seconds = (): number => (from?.seconds ?? 0) + secondsSince(start);
  if (!history.begun) recorder.record({ type: 'arm-started', arm: plan.name, use: plan.use, steps: plan.steps });
  const reporter = createReporter({ arm: plan.name, recorder, history, force });
  const checkpoints = createArmCheckpoints({
    directory: checkpointsFolder(folder, plan),
    spec: experiment.spec.checkpoint,
    steps: plan.steps,
    from,
    fileSystem,
    seconds,
    inJournal: async () => {
      await reporter.finish();
      await recorder.drain();
    },
    lastInJournal: reporter.lastStep,
    warn: (message) => {
      recorder.record({ type: 'warning', arm: plan.name, message });
    },
  });
  const onClientFailure: ArmOutlets['onClientFailure'] = ({ round, client, error: { code, message, place } }) => {
    const failure = { step: round, client };
    // A round that is computed again fails at the same clients.
    if (!history.failures.has(failureKey(failure)))
      recorder.record({ type: 'client-failed', arm: plan.name, ...failure, code, message, place });
  };
  try {
    const parameters = await train(experiment, plan, tables, context, {
      ...{ reporter, checkpoints, onClientFailure },
      stop: stopRuleOf(experiment, { plan, history, from }),
    });
    const confusion = (await reporter.finish())?.confusion;
    await checkpoints.close(true);
    const model = parameters && (await saveModel(experiment, plan.name, parameters, context));
    recorder.record({
      type: 'arm-completed',
      arm: plan.name,
      steps: reporter.lastStep(),
      seconds: seconds(),
      ...(model === undefined ? {} : { model }),
      ...(confusion === undefined ? {} : { confusion }),
    });
    trained.add(experiment.spec, plan, folder);
  } catch (error) {
    // What an arm reported before it failed comes before the failure in the journal, and is what a resumed run goes on from.
    await reporter.finish().catch(() => undefined);
    await checkpoints.close(false).catch(() => undefined);
    throw error;
  }
}

/**
 * The final model for others to read; returns the path of the safetensors file in the run folder. What was trained is kept where
 * ONNX cannot hold the model.
 */
async function saveModel(
  { data, model }: Experiment,
  arm: string,
  parameters: Parameters,
  { folder, recorder }: RunContext,
): Promise<string> {
  try {
    await folder.writeFile(runPaths.model(arm, 'model.onnx'), await toOnnxModel(model, data.dataset, parameters));
  } catch (error) {
    if (!isFedxError(error) || !['FEDX_COMPILE_UNSUPPORTED_OP', 'FEDX_COMPILE_FAILED'].includes(error.code))
      throw error;
    recorder.record({ type: 'warning', arm, message: `There is no model.onnx. ${error.message}` });
  }
  const path = runPaths.model(arm, 'model.safetensors');
  await folder.writeFile(path, toSafetensors(parameters));
  return path.join('/');
}

async function train(
  experiment: Experiment,
  plan: ArmPlan,
  tables: Tables,
  context: RunContext,
  { reporter, checkpoints, onClientFailure, stop }: ArmOutlets,
): Promise<Parameters | undefined> {
  const { recorder } = context;
  const { arm, federation } = await compileArm(experiment, plan, tables, {
    ...context,
    log: (message) => {
      recorder.record({ type: 'warning', arm: plan.name, message });
    },
  });
  const running = { ...arm, report: reporter.report, checkpoints };
  if (federation !== undefined) return runFederated({ ...running, ...federation, onClientFailure, stop });
  if (plan.use === 'centralized') return runCentralized(running);
  await runLocalOnly(running);
  return undefined;
}
