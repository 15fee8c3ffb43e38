import type { Model, Parameters } from '../contracts/index.js';
import type { FederatedData } from '../data/index.js';
import type { Engine } from '../engines/index.js';
import { evaluationStep, names, rename, type Tables } from '../programs/index.js';
import type { Metrics } from '../runs/index.js';
import {
  type ClassificationMetrics,
  classificationMetrics,
  clientMetrics,
  globalMetrics,
  ownTestSummary,
} from './metrics.js';

/** Rows of one evaluation job: the same cuts whatever the number of workers, so that bits never depend on it. */
const ROWS_PER_JOB = 2500;
/** Clients with fewer own test examples say little: they are left out of the figures over clients, and counted. */
const MINIMUM_OWN_TEST = 10;

/** Predicted class and loss of each row, in the order of the rows. */
interface Predicted {
  readonly predictions: Int32Array;
  readonly losses: Float32Array;
}

/** What an evaluation says. */
export interface Evaluated {
  readonly metrics: Metrics;
  /** Of the deployed model on the test set; rows: true class; columns: predicted. */
  readonly confusion?: readonly (readonly number[])[];
}

export interface Evaluation {
  /** The model on the global sets, and on each client's own part of the test set. */
  deployed(parameters: Parameters): Promise<Evaluated>;
  /** The deployed model, and the clients' own models where there are any. */
  federated(deployed: Parameters, personal: readonly Parameters[] | undefined): Promise<Evaluated>;
  /** Client k's own model on its own part of the test set and on the whole of it. */
  personal(parameters: readonly Parameters[]): Promise<Evaluated>;
}

export interface EvaluationOptions {
  readonly engine: Engine;
  readonly tables: Tables;
  readonly model: Model;
  readonly modelName: string;
  readonly parameters: Parameters;
  readonly data: FederatedData;
  readonly priority: number;
}

/** Compiles the evaluation of one model. */
export async function compileEvaluation(options: EvaluationOptions): Promise<Evaluation> {
  const { engine, data, priority } = options;
  const { dataset, test, validation, clients } = data;
  const program = await engine.compile(evaluationStep({ ...options, classes: dataset.classes }));
  const labelsOf = (rows: Uint32Array): Uint8Array => Uint8Array.from(rows, (row) => dataset.labels[row] ?? 0);
  const labels = { test: labelsOf(test), validation: labelsOf(validation) };
  const positions = new Map(Array.from(test, (row, position) => [row, position]));
  /** Where each client's own test rows stand in the test set. */
  const ownPositions = clients.map((client) => Uint32Array.from(client.test, (row) => positions.get(row) ?? 0));

  async function predict(model: Parameters, rows: Uint32Array): Promise<Predicted> {
    const constants = rename(model, names.parameter);
    const jobs = Array.from({ length: Math.ceil(rows.length / ROWS_PER_JOB) }, (_, job) =>
      engine.run({
        program,
        carried: {},
        constants,
        priority,
        schedule: { rows: rows.slice(job * ROWS_PER_JOB, (job + 1) * ROWS_PER_JOB), epochs: 1, lastBatch: 'keep' },
      }),
    );
    const predicted = { predictions: new Int32Array(rows.length), losses: new Float32Array(rows.length) };
    (await Promise.all(jobs)).forEach(({ stacked }, job) => {
      predicted.predictions.set(stacked[names.predictions] ?? [], job * ROWS_PER_JOB);
      predicted.losses.set(stacked[names.losses] ?? [], job * ROWS_PER_JOB);
    });
    return predicted;
  }

  const score = (set: keyof typeof labels, predicted: Predicted): ClassificationMetrics =>
    classificationMetrics({ labels: labels[set], ...predicted, classes: dataset.classes });

  /** Accuracy on client k's own test rows, from predictions on the whole test set. */
  const ownTest = (client: number, { predictions }: Predicted) => {
    const own = ownPositions[client] ?? new Uint32Array();
    let right = 0;
    for (const position of own) if (predictions[position] === labels.test[position]) right += 1;
    return { client, accuracy: right / own.length, examples: own.length };
  };

  const evaluation: Evaluation = {
    async deployed(model) {
      const [onTest, onValidation] = await Promise.all([predict(model, test), predict(model, validation)]);
      const scores = score('test', onTest);
      return {
        confusion: scores.confusion,
        metrics: {
          ...globalMetrics('test', scores),
          ...(validation.length === 0 ? {} : globalMetrics('validation', score('validation', onValidation))),
          ...clientMetrics(
            'clients/own-test',
            ownTestSummary(
              clients.map((_, client) => ownTest(client, onTest)),
              MINIMUM_OWN_TEST,
            ),
          ),
        },
      };
    },
    async federated(deployed, personal) {
      const [shared, own] = await Promise.all([
        evaluation.deployed(deployed),
        personal && evaluation.personal(personal),
      ]);
      return { ...shared, metrics: { ...shared.metrics, ...own?.metrics } };
    },
    async personal(models) {
      const predicted = await Promise.all(models.map((model) => predict(model, test)));
      const onTest = predicted.map((each, client) => ({
        client,
        accuracy: score('test', each).accuracy,
        examples: test.length,
      }));
      const onOwnTest = predicted.map((each, client) => ownTest(client, each));
      return {
        metrics: {
          ...clientMetrics('personal/own-test', ownTestSummary(onOwnTest, MINIMUM_OWN_TEST)),
          ...clientMetrics('personal/test', ownTestSummary(onTest, MINIMUM_OWN_TEST)),
        },
      };
    },
  };
  return evaluation;
}
