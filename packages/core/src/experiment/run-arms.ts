import type { Parameters } from '../contracts/index.js';
import { iidCounterpart } from '../data/index.js';
import type { Engine } from '../engines/index.js';
import { toOnnxModel, toSafetensors } from '../export/index.js';
import { type Tables, tablesOf } from '../programs/index.js';
import { type Recorder, type RunFolder, runPaths } from '../runs/index.js';
import { secondsSince } from './arm.js';
import { runCentralized } from './centralized.js';
import { compileFederation } from './compile-federation.js';
import { compileEvaluation } from './evaluation.js';
import { createOptimizer, createSchedule, createStrategy, type Experiment } from './experiment.js';
import { runFederated } from './federated.js';
import { runLocalOnly } from './local-only.js';
import { compileLocalTraining } from './local-training.js';
import type { ArmPlan } from './plan-arms.js';
import { compileOnce, type Programs } from './programs.js';
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

/** Arms with less parallel work go first, so that all cores are busy to the end. */
const priorities = { centralized: 2, 'local-only': 0, federated: 1, iid: 1 } as const;

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
  const { cohort, initial, model, spec, streams } = experiment;
  const { engine, programs, recorder } = context;
  const data = plan.use === 'iid' ? iidCounterpart(experiment.data, streams.partition.at('iid')) : experiment.data;
  const sizes = data.clients.map(({ train: rows }) => rows.length);
  const shared = {
    tables,
    model,
    modelName: spec.model.use,
    parameters: initial,
    priority: priorities[plan.use],
  };
  // What a program is traced from, beside what its definition shows.
  const traced = [data.dataset.digest, spec.model];
  const trainerOf = (...rule: readonly unknown[]) =>
    compileOnce(engine, programs, ['train', ...traced, plan.client.optimizer, ...rule]);
  const evaluation = await compileEvaluation({
    ...shared,
    engine: compileOnce(engine, programs, ['evaluate', ...traced]),
    data,
  });
  const training = {
    ...shared,
    engine: trainerOf(),
    classes: data.dataset.classes,
    client: plan.client,
    optimizer: createOptimizer(experiment, plan.client.optimizer),
    schedule: createSchedule(experiment, plan.client.schedule),
    rounds: plan.steps,
    largest: plan.use === 'centralized' ? sizes.reduce((sum, size) => sum + size, 0) : Math.max(...sizes),
  };
  const arm = {
    name: plan.name,
    data,
    client: plan.client,
    initial,
    batches: streams.batches,
    evaluation,
    evaluateEvery: spec.evaluate.every,
    steps: plan.steps,
    report,
  };
  switch (plan.use) {
    case 'federated':
    case 'iid': {
      const strategy = createStrategy(experiment, plan.client, {
        ...context,
        log: (message) => {
          recorder.record({ type: 'warning', arm: plan.name, message });
        },
      });
      const federation = await compileFederation(experiment, strategy, training, trainerOf);
      return runFederated({ ...arm, ...federation, strategyName: spec.strategy.use, cohort });
    }
    case 'centralized':
      return runCentralized({ ...arm, localTraining: await compileLocalTraining(training) });
    case 'local-only':
      await runLocalOnly({ ...arm, localTraining: await compileLocalTraining(training) });
      return undefined;
  }
}
