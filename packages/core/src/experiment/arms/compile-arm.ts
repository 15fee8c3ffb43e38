import { iidCounterpart } from '../../data/index.js';
import type { Engine } from '../../engines/index.js';
import type { Tables } from '../../programs/index.js';
import { compileLocalTraining } from '../clients/local-training.js';
import type { LocalTrainingOptions } from '../clients/training-jobs.js';
import { createMetrics } from '../evaluation/chosen-metrics.js';
import { compileEvaluation } from '../evaluation/evaluation.js';
import { createOptimizer, createSchedule, createStrategy, type Experiment } from '../experiment.js';
import { compileOnce, type Programs } from '../programs.js';
import type { Arm } from './arm.js';
import { compileFederation, type Federation } from './compile-federation.js';
import type { ArmPlan } from './plan-arms.js';
import { withoutOptimising } from './without-optimising.js';

/** What compiling an arm takes. */
export interface CompileContext {
  readonly engine: Engine;
  /** What the engine has compiled so far. */
  readonly programs: Programs;
  readonly cache: string;
  readonly signal: AbortSignal;
  /** For what the strategy has to say. */
  readonly log: (message: string) => void;
}

/** An arm that can train and evaluate, and has nowhere to report to yet. */
export interface CompiledArm {
  readonly arm: Omit<Arm, 'report' | 'checkpoints'>;
  /** What a federation has beside that; absent for the other arms. */
  readonly federation?: Federation;
}

/** Arms with less parallel work go first, so that all cores are busy to the end. */
const priorities = { centralized: 2, 'local-only': 0, federated: 1, iid: 1 } as const;

/** Compiles an arm's local training and its evaluation, and makes what they need. */
export const compileArm = (
  experiment: Experiment,
  plan: ArmPlan,
  tables: Tables,
  context: CompileContext,
): Promise<CompiledArm> => withoutOptimising(() => compile(experiment, plan, tables, context));

async function compile(
  experiment: Experiment,
  plan: ArmPlan,
  tables: Tables,
  { engine, programs, ...context }: CompileContext,
): Promise<CompiledArm> {
  const { initial, model, spec, streams } = experiment;
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
  const training: LocalTrainingOptions = {
    ...shared,
    engine: trainerOf(),
    classes: data.dataset.classes,
    client: plan.client,
    optimizer: createOptimizer(experiment, plan.client.optimizer),
    schedule: createSchedule(experiment, plan.client.schedule),
    rounds: plan.steps,
    largest: plan.use === 'centralized' ? sizes.reduce((sum, size) => sum + size, 0) : Math.max(...sizes),
  };
  const evaluation = await compileEvaluation({
    ...shared,
    engine: compileOnce(engine, programs, ['evaluate', ...traced, spec.evaluate.metrics]),
    data,
    arm: plan.name,
    metrics: createMetrics(experiment),
  });
  const arm = {
    name: plan.name,
    data,
    client: plan.client,
    initial,
    batches: streams.batches,
    evaluation,
    evaluateEvery: spec.evaluate.every,
    steps: plan.steps,
    signal: context.signal,
  };
  if (plan.use === 'centralized' || plan.use === 'local-only')
    return { arm: { ...arm, localTraining: await compileLocalTraining(training) } };
  const federation = await compileFederation(
    experiment,
    createStrategy(experiment, plan.client, context),
    training,
    trainerOf,
  );
  return { arm: { ...arm, localTraining: federation.localTraining }, federation };
}
