import { packInputs } from '../../data/index.js';
import type { ChosenEngine } from '../../engines/index.js';
import { count } from '../../parameters/index.js';
import { tablesOf } from '../../programs/index.js';
import type { FileSystem } from '../../runs/index.js';
import { secondsSince } from '../arms/arm.js';
import { type CompiledArm, compileArm } from '../arms/compile-arm.js';
import type { LocalTraining } from '../clients/local-training.js';
import { oneEpoch } from '../clients/local-work.js';
import { MOST_CLIENTS } from '../clients/train-jointly.js';
import type { TrainingRequest } from '../clients/training-jobs.js';
import type { Experiment } from '../experiment.js';
import { openEngine } from '../invocation/open-engine.js';
import { extrapolate, type MeasuredArm } from './extrapolate.js';

/** What a run would take, from a few measured steps. */
export interface Estimate {
  /** From one round of the federation to the next, with the other arms beside it and evaluation. */
  readonly secondsPerRound: number;
  /** The whole run. */
  readonly seconds: number;
  /** Resident memory of all processes at its most. */
  readonly memoryBytes: number;
}

export interface EstimateOptions {
  readonly engine: ChosenEngine;
  readonly cache: string;
  readonly fileSystem: FileSystem;
  readonly signal: AbortSignal;
}

/** How long one measurement should last. */
const MEASURE_SECONDS = 0.2;
/** The fastest of so many counts: whatever else the machine does only makes a measurement slower. */
const MEASUREMENTS = 3;
/** Copies of the parameters that a client's update costs: what came back from training, its delta, and the mean. */
const COPIES_PER_CLIENT = 3;

/**
 * Compiles each arm as a run does, trains a few steps on every worker at once, evaluates once, and extrapolates: local steps
 * of an arm cost alike, so that the steps of one client stand for those of all. Measuring takes about a second an arm.
 * Memory is that of this process and the engine's with data and programs loaded, and the updates that a round holds.
 */
export async function estimateRun(experiment: Experiment, options: EstimateOptions): Promise<Estimate> {
  const { spec, data } = experiment;
  const start = performance.now();
  const inputs = await packInputs(data.dataset, options.cache, options.fileSystem);
  const engine = openEngine(options.engine, spec, { ...options, directory: inputs.directory, onRetry: () => {} });
  try {
    const context = { ...options, engine, programs: new Map(), log: () => {} };
    const tables = tablesOf(data.dataset, inputs.file);
    const compiled = await Promise.all(
      experiment.arms.map(async (plan) => ({ plan, ...(await compileArm(experiment, plan, tables, context)) })),
    );
    const compiling = secondsSince(start);
    const arms: MeasuredArm[] = [];
    for (const { plan, ...arm } of compiled) {
      const secondsPerStep = await measureStep(arm, engine.workers);
      arms.push({ plan, secondsPerStep, secondsPerEvaluation: await measureEvaluation(arm, engine.workers) });
    }
    const sizes = data.clients.map(({ train }) => train.length);
    const cohort = experiment.cohort(1).length;
    const { every: evaluateEvery } = spec.evaluate;
    const running = extrapolate({ arms, sizes, cohort, evaluateEvery, workers: engine.workers });
    return {
      secondsPerRound: running / spec.server.rounds,
      seconds: compiling + running,
      memoryBytes: memoryOf(experiment) + (engine.memoryBytes?.() ?? 0),
    };
  } finally {
    await engine.close();
  }
}

/** Seconds of one local step while every worker takes one, that of the client's personal model included. */
async function measureStep({ arm, federation }: CompiledArm, workers: number): Promise<number> {
  const rows = arm.data.clients[0]?.train ?? new Uint32Array();
  const { batchSize } = arm.client;
  const batch = batchSize === 'all' ? rows.length : batchSize;
  const rule = { broadcast: {}, state: {}, ...federation?.trees, global: arm.initial };
  const timed = async (steps: number): Promise<{ readonly steps: number; readonly seconds: number }> => {
    const start = performance.now();
    const trained = await Promise.all(
      Array.from({ length: workers }, async (_, worker) => {
        const work = {
          start: arm.initial,
          rows: rows.subarray(0, steps * batch),
          work: oneEpoch,
          random: arm.batches.at('estimate', worker),
          place: { arm: arm.name, round: 1 },
        };
        const taken = await trainOnce(arm.localTraining, { ...work, rule });
        await federation?.personalTraining?.train({ ...work, rule: { ...rule, state: {} } });
        return taken;
      }),
    );
    return { steps: trained[0] ?? steps, seconds: secondsSince(start) };
  };
  // The first opens the program on every worker, the second learns how many steps fill a measurement.
  await timed(1);
  const few = await timed(4);
  const many = Math.max(1, Math.round((MEASURE_SECONDS / few.seconds) * few.steps));
  return fastest(async () => {
    const { steps, seconds } = await timed(many);
    return seconds / steps;
  });
}

/** Trains one client, or as many alike as a run's jobs have; gives the steps that they took. */
async function trainOnce({ train, trainJointly }: LocalTraining, request: TrainingRequest): Promise<number> {
  if (trainJointly === undefined) return (await train(request)).steps;
  const { ends, release } = await trainJointly({
    ...request,
    clients: Array.from({ length: MOST_CLIENTS }, (_, client) => ({ ...request, client, share: 1 / MOST_CLIENTS })),
  });
  release();
  return ends.reduce((total, { steps }) => total + steps, 0);
}

/**
 * Seconds of one evaluation where every worker has one: a small set is one job, and in a run other jobs are beside it.
 */
async function measureEvaluation({ arm: { evaluation, initial } }: CompiledArm, workers: number): Promise<number> {
  await evaluation.deployed(initial, 1);
  return fastest(async () => {
    const start = performance.now();
    await Promise.all(Array.from({ length: workers }, () => evaluation.deployed(initial, 1)));
    return secondsSince(start) / workers;
  });
}

async function fastest(measure: () => Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < MEASUREMENTS; i++) best = Math.min(best, await measure());
  return best;
}

/** What this process holds now, data and programs loaded, and the parameters that the arms' clients add. */
function memoryOf({ arms, cohort, data, initial }: Experiment): number {
  const bytes = count(initial) * Float32Array.BYTES_PER_ELEMENT;
  const held = arms.map(({ use }) =>
    use === 'centralized' ? 1 : use === 'local-only' ? data.clients.length : cohort(1).length,
  );
  return process.memoryUsage.rss() + sum(held) * COPIES_PER_CLIENT * bytes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
