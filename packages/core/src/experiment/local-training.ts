import type { Model, Optimizer, Parameters, Schedule, Tree } from '../contracts/index.js';
import { countSteps, type Engine } from '../engines/index.js';
import { isFedxError } from '../errors/index.js';
import { pick, scale, zerosLike } from '../parameters/index.js';
import {
  flatten,
  gradientPass,
  names,
  rename,
  rolesOf,
  scalars,
  type Tables,
  type TracedRule,
  trainingStep,
} from '../programs/index.js';
import type { Random } from '../random/index.js';
import type { Job, Outcome } from '../runtime/index.js';
import type { ClientSpec, Slot } from '../spec/index.js';
import { type LocalWork, localWork, stepsOfWork } from './local-work.js';
import { clientTimeout } from './time-limit.js';
import { carriedOut, endsOf, type TrainingEnd, type TrainingPlace, withoutExamples } from './training-ends.js';

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

/** What came of local training. */
export interface Trained extends TrainingEnd {
  readonly parameters: Parameters;
  /** Gives the memory of `parameters` to training to come: nothing may look at them any more. */
  readonly release: () => void;
}

/** Several clients that train from the same parameters. */
export interface JointRequest extends Pick<TrainingRequest, 'start' | 'rule'> {
  readonly place: Omit<TrainingPlace, 'client'>;
  readonly clients: readonly (Pick<TrainingRequest, 'rows' | 'work' | 'random'> & {
    readonly client: number;
    /** What it counts in the sum. */
    readonly share: number;
  })[];
}

/** What came of theirs. */
export interface JointlyTrained extends Pick<Trained, 'parameters' | 'release'> {
  /** In their order. */
  readonly ends: readonly TrainingEnd[];
}

/** Mean loss of some rows at fixed parameters, and its gradient for the trained ones. */
export interface OverData {
  readonly loss: number;
  readonly gradient: Parameters;
}

/** Local training by compiled loops. */
export interface LocalTraining {
  /** Trains on some rows from some parameters. */
  train(request: TrainingRequest): Promise<Trained>;
  /** Trains several clients in one job: gives the sum of what came to the parameters. Absent where that spares nothing. */
  readonly trainJointly?: (request: JointRequest) => Promise<JointlyTrained>;
  /** One pass over some rows at fixed parameters. */
  overData(
    request: Pick<TrainingRequest, 'start' | 'rows' | 'labelMap' | 'random' | 'place' | 'timeout'>,
  ): Promise<OverData>;
  /** The optimizer's learning rate at the start of a round. */
  learningRate(round: number): number;
}

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
  readonly rule?: (Omit<TracedRule, 'hyper'> & { readonly slot: Slot }) | undefined;
  /** Whether clients may train on other labels than their data has. */
  readonly relabels?: boolean;
  /** Whether nothing is asked of clients but the sum of what came to their parameters. Default: false. */
  readonly isJoint?: boolean;
  /** Rows of the largest client: the batch of `batchSize: all`, and what decides how long jobs may be. */
  readonly largest: number;
  /** Jobs of arms with less parallel work go first. */
  readonly priority: number;
}

const RATE = 'learningRate';
/** Examples of all steps of a job up to which its loop is a short one. */
const FEW_EXAMPLES = 128;

/** Compiles the local loop of an arm. Numeric options are inputs of the program, never constants in it. */
export async function compileLocalTraining(options: LocalTrainingOptions): Promise<LocalTraining> {
  const { engine, client, optimizer, parameters, priority, rule, schedule, rounds } = options;
  const batchSize = client.batchSize === 'all' ? options.largest : client.batchSize;
  const hyper = numbersOf(client.optimizer);
  const ruleHyper = rule === undefined ? {} : numbersOf(rule.slot);
  const changesByStep = schedule.over === 'steps' && RATE in hyper;
  const clip = { ...client.clip };
  const mostSteps = stepsOfWork(localWork(client), countSteps(options.largest, batchSize, client.lastBatch));
  const step = {
    ...trainingStep({
      ...options,
      batchSize,
      clip: (['norm', 'value'] as const).filter((bound) => bound in clip),
      optimizerHyper: Object.keys(hyper),
      perStep: changesByStep ? [RATE] : [],
      rule: rule && { ...rule, hyper: Object.keys(ruleHyper) },
    }),
    isShort: mostSteps > 1 && mostSteps * batchSize <= FEW_EXAMPLES,
  };
  const program = await engine.compile({ ...step, isSummed: step.isShort && options.isJoint === true });
  let alone = program.isSummed === true ? undefined : program;
  const keys = Object.keys(parameters);
  const { weights } = rolesOf(options);
  const zeros = zerosLike(pick(parameters, weights));
  const slots = Object.assign(
    {},
    ...(optimizer.slots ?? []).map((slot) => rename(zeros, (name) => names.slot(slot, name))),
  ) as Parameters;
  const rateAt = (round: number, step: number): number => (hyper[RATE] ?? 0) * schedule.factor({ round, rounds, step });
  let pass: ReturnType<Engine['compile']> | undefined;
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

  async function runWithin(timeout: number | undefined, place: TrainingPlace, job: Job): Promise<Outcome> {
    try {
      return await engine.run({ ...job, timeout });
    } catch (error) {
      if (timeout === undefined || !isFedxError(error) || error.code !== 'FEDX_CLIENT_TIMEOUT') throw error;
      throw clientTimeout(timeout, place);
    }
  }

  function labels(map: Float32Array | undefined): Parameters {
    if (options.relabels !== true) return {};
    const data = map ?? Float32Array.from({ length: options.classes }, (_, label) => label);
    return { [names.labelMap]: { shape: [options.classes], data } };
  }

  /** What a job gets, whoever trains in it. */
  function trainingJob(
    { start, labelMap, rule: given }: Pick<TrainingRequest, 'start' | 'labelMap' | 'rule'>,
    clients: readonly Pick<TrainingRequest, 'rows' | 'work' | 'random'>[],
    { round }: TrainingPlace,
  ) {
    const scheduled = clients.map(({ rows, work, random }) => {
      const stepsOfEpoch = countSteps(rows.length, batchSize, client.lastBatch);
      const steps = stepsOfWork(work, stepsOfEpoch);
      const epochs = Math.ceil(steps / Math.max(1, stepsOfEpoch));
      const isCut = steps < epochs * stepsOfEpoch;
      return {
        steps,
        schedule: { rows, epochs, lastBatch: client.lastBatch, shuffleKey: random.key, ...(isCut && { steps }) },
      };
    });
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
  }

  const result = { names: keys.map(names.parameter) };

  return {
    learningRate: (round) => rateAt(round, 0),
    async train({ place, timeout, asDifferences = false, isReleased = false, ...request }) {
      alone ??= await engine.compile(step);
      const outcome = await runWithin(timeout, place, {
        ...trainingJob(request, [request], place),
        program: alone,
        result: { ...result, asDifferences, isReleased },
      });
      const [end = withoutExamples] = endsOf(outcome, [place]);
      return { ...end, parameters: carriedOut(outcome, keys, names.parameter), release: () => outcome.release?.() };
    },
    ...(program.isSummed === true && {
      async trainJointly({ place, clients, ...request }: JointRequest) {
        const outcome = await engine.run({
          ...trainingJob(request, clients, place),
          program,
          shares: clients.map(({ share }) => share),
          result: { ...result, asDifferences: false, isReleased: true },
        });
        return {
          ends: endsOf(
            outcome,
            clients.map(({ client }) => ({ ...place, client })),
          ),
          parameters: carriedOut(outcome, keys, names.parameter),
          release: () => outcome.release?.(),
        };
      },
    }),
    async overData({ start, rows, labelMap, random, place, timeout }) {
      pass ??= engine.compile(gradientPass({ ...options, batchSize }));
      const outcome = await runWithin(timeout, place, {
        program: await pass,
        priority,
        carried: rename(zeros, names.sum),
        constants: { ...rename(start, names.parameter), ...labels(labelMap) },
        schedules: [{ rows, epochs: 1, lastBatch: 'keep', shuffleKey: random.key }],
        result: { names: weights.map(names.sum), asDifferences: false },
      });
      const [{ lossSum } = withoutExamples] = endsOf(outcome, [place]);
      const sums = carriedOut(outcome, weights, names.sum);
      return { loss: lossSum / rows.length, gradient: scale(sums, 1 / rows.length) };
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
