import type { Parameters } from '../contracts/index.js';
import type { Engine } from '../engines/index.js';
import { toOnnxModel, toSafetensors } from '../export/index.js';
import { type Tables, tablesOf } from '../programs/index.js';
import { type Recorder, type RunFolder, runPaths } from '../runs/index.js';
import { secondsSince } from './arm.js';
import { runCentralized } from './centralized.js';
import { compileArm } from './compile-arm.js';
import type { Experiment } from './experiment.js';
import { runFederated } from './federated.js';
import { runLocalOnly } from './local-only.js';
import type { ArmPlan } from './plan-arms.js';
import type { Programs } from './programs.js';
import { createReporter, type Reporter } from './reporter.js';

export interface RunContext {
  readonly engine: Engine;
  /** What the engine has compiled so far, for this run or one before. */
  readonly programs: Programs;
  readonly recorder: Recorder;
  readonly folder: RunFolder;
  readonly cache: string;
  readonly signal: AbortSignal;
  /** File of the packed inputs, beside the programs. */
  readonly inputsFile: string;
  /** Ends the other arms when one fails. */
  readonly stop: () => void;
}

/** Runs all arms side by side on the engine's workers. Rejects with the first failure once all have ended. */
export async function runArms(experiment: Experiment, context: RunContext): Promise<void> {
  const tables = tablesOf(experiment.data.dataset, context.inputsFile);
  const failures: unknown[] = [];
  await Promise.all(
    experiment.arms.map((plan) =>
      runArm(experiment, plan, tables, context).catch((error: unknown) => {
        failures.push(error);
        context.stop();
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
}

async function runArm(experiment: Experiment, plan: ArmPlan, tables: Tables, context: RunContext): Promise<void> {
  const { recorder, folder } = context;
  const start = performance.now();
  recorder.record({ type: 'arm-started', arm: plan.name, use: plan.use, steps: plan.steps });
  const reporter = createReporter(plan.name, recorder);
  // What an arm reported before it failed comes before the failure in the journal.
  const parameters = await train(experiment, plan, tables, context, reporter).finally(() =>
    reporter.finish().catch(() => undefined),
  );
  const confusion = (await reporter.finish())?.confusion;
  const model = parameters && (await saveModel(experiment, plan.name, parameters, folder));
  recorder.record({
    type: 'arm-completed',
    arm: plan.name,
    steps: plan.steps,
    seconds: secondsSince(start),
    ...(model === undefined ? {} : { model }),
    ...(confusion === undefined ? {} : { confusion }),
  });
}

/** The final model for others to read; returns the path of the safetensors file in the run folder. */
async function saveModel(
  { data, model }: Experiment,
  arm: string,
  parameters: Parameters,
  folder: RunFolder,
): Promise<string> {
  await folder.writeFile(runPaths.model(arm, 'model.onnx'), await toOnnxModel(model, data.dataset, parameters));
  const path = runPaths.model(arm, 'model.safetensors');
  await folder.writeFile(path, toSafetensors(parameters));
  return path.join('/');
}

async function train(
  experiment: Experiment,
  plan: ArmPlan,
  tables: Tables,
  context: RunContext,
  { report }: Reporter,
): Promise<Parameters | undefined> {
  const { recorder } = context;
  const { arm, federation } = await compileArm(experiment, plan, tables, {
    ...context,
    log: (message) => {
      recorder.record({ type: 'warning', arm: plan.name, message });
    },
  });
  if (federation !== undefined) return runFederated({ ...arm, ...federation, report });
  if (plan.use === 'centralized') return runCentralized({ ...arm, report });
  await runLocalOnly({ ...arm, report });
  return undefined;
}
