import type { LoopDefinition } from '@fedx/compiler';
import type { Model, Optimizer, Parameters, Schedule, Tree } from '../../contracts/index.js';
import { countSteps, type Engine } from '../../engines/index.js';
import { pick, zerosLike } from '../../parameters/index.js';
import {
  flatten,
  names,
  rename,
  rolesOf,
  scalars,
  type Tables,
  type TracedRule,
  trainingStep,
} from '../../programs/index.js';
import type { Random } from '../../random/index.js';
import type { Job } from '../../runtime/index.js';
import type { ClientSpec, Slot } from '../../spec/index.js';
import { type LocalWork, localWork, stepsOfWork } from './local-work.js';
import type { TrainingPlace } from './training-ends.js';

export interface LocalTrainingOptions {
  readonly engine: Engine;
  readonly tables: Tables;
  readonly classes: number;
  readonly model: Model;
  readonly modelName: string;
  readonly parameters: Parameters;
  readonly client: ClientSpec;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** Rounds of the arm, for the schedule. */
  readonly rounds: number;
  /** The strategy's side of the client, and the slot with its options. */
  readonly rule?: (Omit<TracedRule, 'hyper' | 'plugin'> & { readonly slot: Slot }) | undefined;
  /** Whether clients may train on other labels than their data has. */
  readonly relabels?: boolean;
  /** Whether nothing is asked of clients but the sum of what came to their parameters. Default: false. */
  readonly isJoint?: boolean;
  /** Rows of the largest client: the batch of `batchSize: all`, and what decides how long jobs may be. */
  readonly largest: number;
  /** Jobs of arms with less parallel work go first. */
  readonly priority: number;
}

export interface TrainingRequest {
  readonly start: Parameters;
  /** Dataset rows to train on. */
  readonly rows: Uint32Array;
  readonly work: LocalWork;
  /** The class that each label is trained as; used where the program relabels. Default: itself. */
  readonly labelMap?: Float32Array | undefined;
  /** The stream that shuffles the epochs and draws the noise. */
  readonly random: Random;
  readonly place: TrainingPlace;
  /** Give what came to the parameters instead of the parameters. Default: false. */
  readonly asDifferences?: boolean;
  /** Whether nothing will look at what it gives once that is released. Default: false. */
  readonly isReleased?: boolean;
  /** Seconds that it may take a worker; then FEDX_CLIENT_TIMEOUT. Default: no limit. */
  readonly timeout?: number | undefined;
  /** What the strategy's rule gets: the trained parameters that the round started from, and its trees. */
  readonly rule?: { readonly global: Parameters; readonly broadcast: Tree; readonly state: Tree };
}

/** What a job of local training is made of, whoever trains in it. */
export interface TrainingJobs {
  readonly batchSize: number;
  readonly step: LoopDefinition;
  /** A job of one client or of several, in round `place.round`. */
  jobOf(
    request: Pick<TrainingRequest, 'start' | 'labelMap' | 'rule'>,
    clients: readonly Pick<TrainingRequest, 'rows' | 'work' | 'random'>[],
    place: TrainingPlace,
  ): Omit<Job, 'program' | 'result'>;
  /** The input that says as what each label is trained; default: as itself. None where the program does not relabel. */
  labels(map: Float32Array | undefined): Parameters;
  /** The optimizer's learning rate in a round: the mean over its first `steps` steps, 1 unless given. */
  learningRate(round: number, steps?: number): number;
}

const RATE = 'learningRate';
/** Examples of all steps of a job up to which its loop is a short one. */
const FEW_EXAMPLES = 128;

/** Numeric options are inputs of the program, never constants in it. */
export function trainingJobs(options: LocalTrainingOptions): TrainingJobs {
  const { client, optimizer, parameters, priority, rule, schedule, rounds } = options;
  const batchSize = client.batchSize === 'all' ? options.largest : client.batchSize;
  const hyper = numbersOf(client.optimizer);
  const ruleHyper = rule === undefined ? {} : numbersOf(rule.slot);
  const changesByStep = schedule.over === 'steps' && RATE in hyper;
  const clip = { ...client.clip };
  const { weights } = rolesOf(options);
  const zeros = zerosLike(pick(parameters, weights));
  const slots = Object.assign(
    {},
    ...(optimizer.slots ?? []).map((slot) => rename(zeros, (name) => names.slot(slot, name))),
  ) as Parameters;
  const mostSteps = stepsOfWork(localWork(client), countSteps(options.largest, batchSize, client.lastBatch));
  const rateAt = (round: number, step: number): number => (hyper[RATE] ?? 0) * schedule.factor({ round, rounds, step });
  let last: { readonly start: Parameters; readonly carried: Parameters } | undefined;

  /** The same record for the same tensors, as all clients of a round start from: it is made and sent to a worker once for several. */
  function carriedFrom(start: Parameters): Parameters {
    if (last === undefined || !sameTensors(last.start, start))
      last = { start, carried: { ...rename(start, names.parameter), ...slots } };
    return last.carried;
  }

  function hyperOf(round: number): Parameters {
    const { [RATE]: _, ...others } = hyper;
    const fixed = changesByStep || !(RATE in hyper) ? others : { ...others, [RATE]: rateAt(round, 0) };
    return scalars(fixed, names.optimizerHyper);
  }

  function labels(map: Float32Array | undefined): Parameters {
    if (options.relabels !== true) return {};
    const data = map ?? Float32Array.from({ length: options.classes }, (_, label) => label);
    return { [names.labelMap]: { shape: [options.classes], data } };
  }

  function scheduleOf({ rows, work, random }: Pick<TrainingRequest, 'rows' | 'work' | 'random'>) {
    const stepsOfEpoch = countSteps(rows.length, batchSize, client.lastBatch);
    const steps = stepsOfWork(work, stepsOfEpoch);
    const epochs = Math.ceil(steps / Math.max(1, stepsOfEpoch));
    const isCut = steps < epochs * stepsOfEpoch;
    return {
      steps,
      schedule: { rows, epochs, lastBatch: client.lastBatch, shuffleKey: random.key, ...(isCut && { steps }) },
    };
  }

  const jobOf: TrainingJobs['jobOf'] = ({ start, labelMap, rule: given }, clients, { round }) => {
    const scheduled = clients.map(scheduleOf);
    const rates = (): Float32Array =>
      Float32Array.from(
        scheduled.flatMap(({ steps }) => Array.from({ length: steps }, (_, step) => rateAt(round, step))),
      );
    return {
      priority,
      carried: carriedFrom(start),
      constants: {
        ...hyperOf(round),
        ...scalars(clip, names.clip),
        ...(rule === undefined || given === undefined ? {} : ruleInputs(given, weights)),
        ...scalars(ruleHyper, names.strategyHyper),
        ...labels(labelMap),
      },
      ...(changesByStep ? { perStep: { [names.optimizerHyper(RATE)]: rates() } } : {}),
      schedules: scheduled.map(({ schedule }) => schedule),
    };
  };

  return {
    batchSize,
    step: {
      ...trainingStep({
        ...options,
        batchSize,
        clip: (['norm', 'value'] as const).filter((bound) => bound in clip),
        optimizerHyper: Object.keys(hyper),
        perStep: changesByStep ? [RATE] : [],
        rule: rule && { ...rule, plugin: rule.slot.use, hyper: Object.keys(ruleHyper) },
      }),
      isShort: mostSteps > 1 && mostSteps * batchSize <= FEW_EXAMPLES,
    },
    jobOf,
    labels,
    learningRate(round, steps = 1) {
      if (!changesByStep || steps <= 1) return rateAt(round, 0);
      let sum = 0;
      for (let step = 0; step < steps; step++) sum += rateAt(round, step);
      return sum / steps;
    },
  };
}

function sameTensors(a: Parameters, b: Parameters): boolean {
  const entries = Object.entries(a);
  return entries.length === Object.keys(b).length && entries.every(([name, tensor]) => b[name] === tensor);
}

function ruleInputs(
  { global, broadcast, state }: NonNullable<TrainingRequest['rule']>,
  weights: readonly string[],
): Parameters {
  return {
    ...rename(pick(global, weights), names.global),
    ...flatten(broadcast, names.broadcast),
    ...flatten(state, names.state),
  };
}

/** The numeric options of a plugin. */
function numbersOf(slot: Slot): Record<string, number> {
  return Object.fromEntries(
    Object.entries(slot).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}
