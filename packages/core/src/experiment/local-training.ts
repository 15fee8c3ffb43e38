import type { ClientRule, Model, Optimizer, Parameters } from '../contracts/index.js';
import type { Engine } from '../engines/index.js';
import { FedxError } from '../errors/index.js';
import { isFinite, zerosLike } from '../parameters/index.js';
import type { Random } from '../random/index.js';
import type { Outcome } from '../runtime/index.js';
import type { ClientSpec, Slot } from '../spec/index.js';
import { names, type Tables, trainingLoop } from './loops.js';

/** Where a piece of local training belongs, for messages. */
export interface TrainingPlace {
  readonly arm: string;
  readonly round: number;
  readonly client?: number;
}

export interface TrainingRequest {
  readonly start: Parameters;
  /** Dataset rows to train on. */
  readonly rows: Uint32Array;
  readonly epochs: number;
  /** The stream that shuffles the epochs. */
  readonly random: Random;
  readonly place: TrainingPlace;
}

/** What came of local training. */
export interface Trained {
  readonly parameters: Parameters;
  /** Sum of the losses of the examples as they were seen. */
  readonly lossSum: number;
  /** Examples seen, each time counted. */
  readonly examplesSeen: number;
  readonly steps: number;
}

/** Trains on some rows from some parameters, by a compiled loop. */
export type LocalTraining = (request: TrainingRequest) => Promise<Trained>;

export interface LocalTrainingOptions {
  readonly engine: Engine;
  readonly tables: Tables;
  readonly classes: number;
  readonly model: Model;
  readonly modelName: string;
  readonly parameters: Parameters;
  readonly client: ClientSpec;
  readonly optimizer: Optimizer;
  /** The strategy's side of the client, and the slot with its options. */
  readonly rule?: { readonly rule: ClientRule; readonly slot: Slot } | undefined;
  /** Rows of the largest client: the batch of `batchSize: all`. */
  readonly largest: number;
  /** Jobs of arms with less parallel work go first. */
  readonly priority: number;
}

/** Compiles the local loop of an arm. Numeric options are inputs of the program, never constants in it. */
export async function compileLocalTraining(options: LocalTrainingOptions): Promise<LocalTraining> {
  const { engine, client, optimizer, parameters, rule, priority } = options;
  const program = await engine.compile(
    trainingLoop({
      ...options,
      batchSize: client.batchSize === 'all' ? options.largest : client.batchSize,
      optimizerHyper: Object.keys(numbersOf(client.optimizer)),
      rule: rule?.rule,
      strategyHyper: rule === undefined ? [] : Object.keys(numbersOf(rule.slot)),
    }),
  );
  const constants = {
    ...scalars(numbersOf(client.optimizer), names.optimizerHyper),
    ...(rule === undefined ? {} : scalars(numbersOf(rule.slot), names.strategyHyper)),
  };
  const zeros = zerosLike(parameters);
  const slots = Object.assign(
    {},
    ...(optimizer.slots ?? []).map((slot) => rename(zeros, (name) => names.slot(slot, name))),
  ) as Parameters;

  return async ({ start, rows, epochs, random, place }) => {
    const outcome = await engine.run({
      program,
      priority,
      carried: { ...rename(start, names.parameter), ...slots },
      constants: rule === undefined ? constants : { ...constants, ...rename(start, names.global) },
      schedule: { rows, epochs, lastBatch: client.lastBatch, shuffleKey: random.key },
    });
    return checked(outcome, parameters, place);
  };
}

function checked({ carried, stacked, steps }: Outcome, like: Parameters, place: TrainingPlace): Trained {
  const parameters = Object.fromEntries(
    Object.keys(like).map((name) => [name, carried[names.parameter(name)]]),
  ) as Parameters;
  const losses = stacked[names.losses] ?? new Float32Array();
  let sum = 0;
  for (let i = 0; i < losses.length; i++) sum += losses[i] ?? 0;
  if (!Number.isFinite(sum) || !isFinite(parameters)) {
    const who = place.client === undefined ? '' : ` at client ${place.client}`;
    throw new FedxError(
      'FEDX_RUN_DIVERGED',
      `Training diverged in round ${place.round}${who} (arm ${place.arm}): the loss or the parameters are not finite.`,
      { place },
    );
  }
  return { parameters, lossSum: sum, examplesSeen: losses.length, steps };
}

/** The numeric options of a plugin. */
function numbersOf(slot: Slot): Record<string, number> {
  return Object.fromEntries(
    Object.entries(slot).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

function scalars(numbers: Readonly<Record<string, number>>, name: (option: string) => string): Parameters {
  return Object.fromEntries(
    Object.entries(numbers).map(([option, value]) => [name(option), { shape: [], data: Float32Array.of(value) }]),
  );
}

function rename(parameters: Parameters, name: (old: string) => string): Parameters {
  return Object.fromEntries(Object.entries(parameters).map(([old, tensor]) => [name(old), tensor]));
}
