import type { LoopDefinition } from '@fedx/compiler';
import type { ClientRule, Dataset, Model, ModelShape, Optimizer, Parameters, Tree } from '../contracts/index.js';
import { createEngine, type Engine } from '../engines/index.js';
import { translateCompileError } from '../errors/index.js';
import { compileLocalTraining, type Trained } from '../experiment/index.js';
import { tablesOf } from '../programs/index.js';
import { createRandom } from '../random/index.js';

type Options = Readonly<Record<string, unknown>>;

/** What takes part in a client's local training. */
export interface TrainingParts {
  readonly model: Model;
  /** For messages. */
  readonly modelName: string;
  readonly shape: ModelShape;
  readonly parameters: Parameters;
  /** Default: gradient descent with learning rate 1, so that a step shows its gradient. */
  readonly optimizer?: { readonly optimizer: Optimizer; readonly options: Options };
  readonly strategy?: StrategyPart;
}

/** The strategy's side of a client, and what it gets beside the model. */
export interface StrategyPart {
  readonly rule: Pick<ClientRule, 'loss' | 'gradient'>;
  readonly options: Options;
  readonly broadcast?: Tree;
  readonly state?: Tree;
}

/** Local training as a run would compile it. */
export interface CompiledTraining {
  /** The bytes of the program that a run would execute: equal programs compute the same. */
  readonly program: Uint8Array;
  /** So many steps by plain tfjs, each on all of the same few examples; `lossSum` is over all steps. Throws FEDX_RUN_DIVERGED. */
  readonly train: (start: Parameters, steps: number) => Promise<Trained>;
}

/** Examples that local training sees. */
export const EXAMPLES = 6;

/** Gradient descent with a learning rate of its own. */
export function gradientDescent(learningRate: number): NonNullable<TrainingParts['optimizer']> {
  return {
    options: { learningRate },
    optimizer: {
      update: ({ tf, parameter, gradient, hyper }) => ({
        parameter: tf.sub(parameter, tf.mul(hyper['learningRate'] ?? 0, gradient)),
      }),
    },
  };
}

/** Compiles the parts to a program, and makes them ready to be run by plain tfjs. Throws FEDX_COMPILE_…. */
export async function compileTraining({
  optimizer = gradientDescent(1),
  strategy,
  ...parts
}: TrainingParts): Promise<CompiledTraining> {
  const { signal } = new AbortController();
  const dataset = randomExamples(parts.shape);
  const { engine, lastProgram } = compilingEngine(dataset.inputs, signal);
  const { rule, options = {}, broadcast = {}, state = {} } = strategy ?? {};
  const training = await compileLocalTraining({
    ...parts,
    engine,
    tables: tablesOf(dataset, 'inputs.u8'),
    classes: dataset.classes,
    optimizer: optimizer.optimizer,
    client: {
      epochs: 1,
      batchSize: 'all',
      lastBatch: 'keep',
      optimizer: { ...optimizer.options, use: 'optimizer' },
      optimizerState: 'reset',
      schedule: { use: 'constant' },
      clip: {},
      onFailure: 'fail',
    },
    schedule: { over: 'rounds', factor: () => 1 },
    rounds: 1,
    rule: rule && { rule, broadcast, state, slot: { ...options, use: 'strategy' } },
    largest: EXAMPLES,
    priority: 0,
  });
  const rows = Uint32Array.from({ length: EXAMPLES }, (_, row) => row);
  return {
    program: lastProgram(),
    train: (start, steps) =>
      training.train({
        start,
        ...(rule !== undefined && { rule: { global: start, broadcast, state } }),
        rows,
        work: { unit: 'steps', amount: steps, share: 1 },
        random: createRandom(1).at('batches'),
        place: { arm: 'conformance', round: 1 },
      }),
  };
}

/** The eager engine, which also lowers every loop as the compiled engine does. */
function compilingEngine(
  inputs: Dataset['inputs'],
  signal: AbortSignal,
): { readonly engine: Engine; readonly lastProgram: () => Uint8Array } {
  let program: Uint8Array = new Uint8Array();
  const eager = createEngine(
    { name: 'eager' },
    {
      signal,
      workers: 1,
      directory: '',
      writeFile: () => Promise.resolve(),
      onRetry: () => undefined,
      readTable: ({ content }) =>
        Promise.resolve(content instanceof Uint8Array ? content : new Uint8Array(inputs.buffer)),
    },
  );
  const compile = async (loop: LoopDefinition) => {
    const { optimise, toOnnx, traceLoop } = await import('@fedx/compiler');
    program = translateCompileError(() => toOnnx(optimise(traceLoop(loop))));
    return eager.compile(loop);
  };
  return { engine: { ...eager, compile }, lastProgram: () => program };
}

/** A few examples of random pixels, each class in turn. */
function randomExamples({ inputShape, classes }: ModelShape): Dataset {
  const stream = createRandom(1).at('examples');
  const size = inputShape.reduce((product, axis) => product * axis, EXAMPLES);
  return {
    examples: EXAMPLES,
    inputShape,
    inputs: Uint8Array.from({ length: size }, () => stream.integer(256)),
    scale: 1 / 255,
    labels: Uint8Array.from({ length: EXAMPLES }, (_, example) => example % classes),
    classes,
    digest: '',
  };
}
