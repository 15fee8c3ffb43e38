/**
 * fedx in the peers' conversation: the training, aggregation and evaluation that `fedx run` does, without the command
 * line, the run folder and the journal. `threads` is the number of workers.
 *
 * `steps` trains the first client's full batches on one worker, messages to and from its thread included. `round` is
 * `runFederated` for one round and waits for its evaluation, which a run would overlap with the next round's training.
 */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createOnnxEngine } from '../packages/core/dist/engines/onnx/engine.js';
import { compileFederation } from '../packages/core/dist/experiment/compile-federation.js';
import { compileEvaluation, type Evaluated } from '../packages/core/dist/experiment/evaluation.js';
import {
  createOptimizer,
  createSchedule,
  createStrategy,
  type Experiment,
} from '../packages/core/dist/experiment/experiment.js';
import { runFederated } from '../packages/core/dist/experiment/federated.js';
import { makeUplink } from '../packages/core/dist/experiment/make-uplink.js';
import { tablesOf } from '../packages/core/dist/programs/index.js';
import { type Commands, type PrepareRequest, type RoundReply, type StepsReply, serve } from './protocol.js';
import { inputsFile, loadExperiment } from './workload.js';

async function prepare({ data: folder, threads }: PrepareRequest): Promise<Commands> {
  const experiment = await loadExperiment();
  const { data, initial, spec } = experiment;
  const { signal } = new AbortController();
  const engine = createOnnxEngine({ workers: threads, signal, directory: folder, writeFile });
  const shared = {
    engine,
    tables: tablesOf(data.dataset, inputsFile),
    parameters: initial,
    modelName: 'mlp',
    priority: 0,
  };
  const { model } = experiment;
  const strategy = createStrategy(experiment, spec.client, { cache: folder, signal, log: () => undefined });
  const federation = await compileFederation(
    experiment,
    strategy,
    {
      ...shared,
      model,
      classes: data.dataset.classes,
      client: spec.client,
      optimizer: createOptimizer(experiment, spec.client.optimizer),
      schedule: createSchedule(experiment, spec.client.schedule),
      rounds: 1,
      largest: Math.max(...data.clients.map((client) => client.train.length)),
    },
    () => engine,
  );
  const evaluation = await compileEvaluation({ ...shared, model, data });
  const batches = experiment.streams.batches;
  const rows = fullBatchesOfFirstClient(experiment);
  let global = initial;
  let turn = 0;

  async function steps(): Promise<StepsReply> {
    const start = performance.now();
    const random = batches.at('steps', turn++);
    const trained = await federation.localTraining.train({
      start: global,
      rows,
      work: { unit: 'epochs', amount: 1, share: 1 },
      random,
      place: { arm: 'steps', round: 1 },
    });
    return { microsecondsPerStep: ((performance.now() - start) / trained.steps) * 1000, steps: trained.steps };
  }

  async function round(): Promise<RoundReply> {
    const start = performance.now();
    let evaluated: Promise<Evaluated> | undefined;
    global = await runFederated({
      name: 'federated',
      data,
      client: spec.client,
      initial: global,
      batches: batches.at('round', turn++),
      ...federation,
      evaluation,
      evaluateEvery: 1,
      steps: 1,
      onClientFailure: () => undefined,
      checkpoints: { step: 0, saved: () => undefined, save: () => Promise.resolve() },
      report: (_round, _metrics, evaluation) => {
        evaluated = evaluation;
      },
      strategyName: spec.strategy.use,
      cohort: experiment.cohort,
      environment: experiment.environment,
      uplink: makeUplink(experiment, strategy),
    });
    const metrics = (await evaluated)?.metrics ?? {};
    return {
      seconds: (performance.now() - start) / 1000,
      loss: metrics['test/loss'] ?? NaN,
      accuracy: metrics['test/accuracy'] ?? NaN,
    };
  }

  // A warm-up that leaves the model as it was; the round opens a session in every worker.
  await round();
  global = initial;
  await steps();
  return { steps, round, exit: () => engine.close() };
}

function fullBatchesOfFirstClient({ data, spec }: Experiment): Uint32Array {
  const rows = data.clients[0]?.train ?? new Uint32Array();
  const batchSize = spec.client.batchSize === 'all' ? rows.length : spec.client.batchSize;
  return rows.slice(0, rows.length - (rows.length % batchSize));
}

const runtime = createRequire(import.meta.url)('onnxruntime-node/package.json') as { readonly version: string };

await serve({ node: process.versions.node, 'onnxruntime-node': runtime.version }, prepare);
