/**
 * fedx in the peers' conversation: the training, aggregation and evaluation that `fedx run` does, without the command
 * line, the run folder and the journal. `threads` is the number of workers.
 *
 *     fedx-training.ts --engine onnx|tensorflow SPEC [path=value…]
 *
 * `steps` trains the first client's full batches on one worker, messages to and from it included. `round` is
 * `runFederated` for one round and waits for its evaluation, which a run would overlap with the next round's training; `train-round`
 * leaves the evaluation out.
 */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import type { Parameters } from '@fedx/core';
import { type ChosenEngine, chooseEngine, createEngine } from '../../packages/core/dist/engines/index.js';
import { compileArm } from '../../packages/core/dist/experiment/arms/compile-arm.js';
import { runFederated } from '../../packages/core/dist/experiment/arms/federated.js';
import { trainedOf } from '../../packages/core/dist/experiment/clients/clients.js';
import type { FederatedArm } from '../../packages/core/dist/experiment/clients/federated-client.js';
import { localWork } from '../../packages/core/dist/experiment/clients/local-work.js';
import type { TrainingRequest } from '../../packages/core/dist/experiment/clients/training-jobs.js';
import type { Evaluated, Evaluation } from '../../packages/core/dist/experiment/evaluation/evaluation.js';
import type { Experiment } from '../../packages/core/dist/experiment/experiment.js';
import { tablesOf } from '../../packages/core/dist/programs/index.js';
import { inputsFile, loadExperiment } from '../workloads/workload.js';
import { type Commands, type PrepareRequest, type RoundReply, type StepsReply, serve } from './protocol.js';

type Federation = Pick<FederatedArm, 'strategy' | 'parameters'>;
type Rule = NonNullable<TrainingRequest['rule']>;

const {
  values: { engine: engineName },
  positionals: [spec = '', ...overrides],
} = parseArgs({ options: { engine: { type: 'string', default: 'onnx' } }, allowPositionals: true });

/**
 * Rounds after which the JavaScript around the compiled steps is compiled as well: the first of many small clients take up to
 * twice as long. Where rounds are long that matters little, and the warm-up ends after so many seconds.
 */
const WARM_UP = { rounds: 10, seconds: 5 };

/** For a round that is trained only. */
const evaluatesNothing: Evaluation['federated'] = () => Promise.resolve({ metrics: {} });

async function prepare(chosen: ChosenEngine, { data: folder, threads }: PrepareRequest): Promise<Commands> {
  const experiment = await loadExperiment(spec, overrides);
  const { initial, streams } = experiment;
  const { signal } = new AbortController();
  const engine = createEngine(chosen, {
    workers: threads,
    signal,
    directory: folder,
    writeFile,
    readTable: () => Promise.reject(new Error('Only the eager engine reads tables.')),
  });
  const [plan] = experiment.arms;
  if (plan === undefined) throw new Error(`${spec} has no arm.`);
  const { arm, federation } = await compileArm(experiment, plan, tablesOf(experiment.data.dataset, inputsFile), {
    engine,
    programs: new Map(),
    cache: folder,
    signal,
    log: () => undefined,
  });
  if (federation === undefined) throw new Error(`${spec} does not begin with a federation.`);
  const federated = { ...arm, ...federation };
  const rows = fullBatchesOfFirstClient(experiment);
  const rule = ruleOfRoundOne(federation, initial, experiment.data.clients.length);
  /** As of a client whose update is averaged. */
  const isMean = federation.strategy.client?.end === undefined;
  let global = initial;
  let turn = 0;

  async function steps(): Promise<StepsReply> {
    const start = performance.now();
    const trained = await arm.localTraining.train({
      start: global,
      rows,
      work: localWork(arm.client),
      random: streams.batches.at('steps', turn++),
      place: { arm: 'steps', round: 1 },
      asDifferences: isMean,
      isReleased: isMean,
      rule,
    });
    trained.release();
    return { microsecondsPerStep: ((performance.now() - start) / trained.steps) * 1000, steps: trained.steps };
  }

  async function round(evaluation: Evaluation): Promise<RoundReply> {
    const start = performance.now();
    let evaluated: Promise<Evaluated> | undefined;
    global = await runFederated({
      ...federated,
      evaluation,
      initial: global,
      batches: streams.batches.at('round', turn++),
      evaluateEvery: 1,
      steps: 1,
      onClientFailure: () => undefined,
      checkpoints: { step: 0, saved: () => undefined, save: () => Promise.resolve() },
      report: (_round, _metrics, evaluation) => {
        evaluated = evaluation;
      },
    });
    const metrics = (await evaluated)?.metrics ?? {};
    return {
      seconds: (performance.now() - start) / 1000,
      loss: metrics['test/loss'] ?? NaN,
      accuracy: metrics['test/accuracy'] ?? NaN,
    };
  }

  const trainRound = () => round({ ...arm.evaluation, federated: evaluatesNothing });
  // A warm-up that leaves the model as it was; its first round opens a session in every worker.
  const begun = performance.now();
  await round(arm.evaluation);
  for (let i = 1; i < WARM_UP.rounds && performance.now() - begun < WARM_UP.seconds * 1000; i++) await trainRound();
  global = initial;
  await steps();
  return {
    steps,
    round: () => round(arm.evaluation),
    'train-round': trainRound,
    exit: () => engine.close(),
  };
}

/** What a strategy's rule for clients sees in the first round. */
function ruleOfRoundOne({ strategy, parameters }: Federation, global: Parameters, clients: number): Rule {
  const server = { global, parameters, clients };
  const state = strategy.init?.(server);
  const broadcast = strategy.broadcast?.({ ...server, state, round: 1, learningRate: 1 });
  const trained = trainedOf(parameters, global);
  return { global, broadcast: broadcast ?? {}, state: strategy.client?.init?.({ global, trained }) ?? {} };
}

function fullBatchesOfFirstClient({ data, spec }: Experiment): Uint32Array {
  const rows = data.clients[0]?.train ?? new Uint32Array();
  const batchSize = spec.client.batchSize === 'all' ? rows.length : spec.client.batchSize;
  return rows.slice(0, rows.length - (rows.length % batchSize));
}

if (engineName !== 'onnx' && engineName !== 'tensorflow')
  throw new Error(`--engine ${engineName}: onnx or tensorflow.`);
const chosen = await chooseEngine(engineName, () => Promise.resolve('products'));
const runtime = createRequire(import.meta.url)('onnxruntime-node/package.json') as { readonly version: string };
const computes =
  chosen.name === 'tensorflow' ? { tensorflow: chosen.description.version } : { 'onnxruntime-node': runtime.version };

await serve({ node: process.versions.node, ...computes }, (request) => prepare(chosen, request));
