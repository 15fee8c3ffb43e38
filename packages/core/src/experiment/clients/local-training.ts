import type { Parameters } from '../../contracts/index.js';
import type { Engine } from '../../engines/index.js';
import { isFedxError } from '../../errors/index.js';
import { pick, scale, zerosLike } from '../../parameters/index.js';
import { gradientPass, names, rename, rolesOf } from '../../programs/index.js';
import type { Job, Outcome } from '../../runtime/index.js';
import { clientTimeout } from './time-limit.js';
import { carriedOut, endsOf, type TrainingEnd, type TrainingPlace, withoutExamples } from './training-ends.js';
import { type LocalTrainingOptions, type TrainingJobs, type TrainingRequest, trainingJobs } from './training-jobs.js';

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
  /** The optimizer's learning rate in a round: the mean over its first `steps` steps, 1 unless given. */
  readonly learningRate: TrainingJobs['learningRate'];
}

/** Compiles the local loop of an arm. */
export async function compileLocalTraining(options: LocalTrainingOptions): Promise<LocalTraining> {
  const { engine, parameters, priority } = options;
  const { batchSize, step, jobOf, labels, learningRate } = trainingJobs(options);
  // Only a short loop may come out as another program.
  const program = await engine.compile({ ...step, isSummed: step.isShort === true && options.isJoint === true });
  let alone = program.isSummed === true ? undefined : Promise.resolve(program);
  const keys = Object.keys(parameters);
  const result = { names: keys.map(names.parameter) };
  const { weights } = rolesOf(options);
  const zeros = zerosLike(pick(parameters, weights));
  let pass: ReturnType<Engine['compile']> | undefined;

  async function runWithin(timeout: number | undefined, place: TrainingPlace, job: Job): Promise<Outcome> {
    try {
      return await engine.run({ ...job, timeout });
    } catch (error) {
      if (timeout === undefined || !isFedxError(error) || error.code !== 'FEDX_CLIENT_TIMEOUT') throw error;
      throw clientTimeout(timeout, place);
    }
  }

  return {
    learningRate,
    async train({ place, timeout, asDifferences = false, isReleased = false, ...request }) {
      alone ??= engine.compile(step);
      const outcome = await runWithin(timeout, place, {
        ...jobOf(request, [request], place),
        program: await alone,
        result: { ...result, asDifferences, isReleased },
      });
      const [end = withoutExamples] = endsOf(outcome, [place]);
      return { ...end, parameters: carriedOut(outcome, keys, names.parameter), release: () => outcome.release?.() };
    },
    ...(program.isSummed === true && {
      async trainJointly({ place, clients, ...request }: JointRequest) {
        const outcome = await engine.run({
          ...jobOf(request, clients, place),
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
