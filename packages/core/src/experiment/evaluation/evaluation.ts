import type { Model, Parameters } from '../../contracts/index.js';
import type { FederatedData } from '../../data/index.js';
import type { Engine } from '../../engines/index.js';
import { evaluationStep, type Tables } from '../../programs/index.js';
import type { Metrics } from '../../runs/index.js';
import type { ChosenMetric } from './chosen-metrics.js';
import { type ClientScores, figuresOfMetrics } from './client-scores.js';
import {
  type ClassificationMetrics,
  type ClientSet,
  classificationMetrics,
  clientMetrics,
  globalMetrics,
  ownTestSummary,
} from './metrics.js';
import { createPredictor, type Predicted } from './predict.js';
import { type MetricPlace, pickExamples, scoreMetric } from './score-metric.js';

/** Clients with fewer own test examples say little: they are left out of the figures over clients, and counted. */
const MINIMUM_OWN_TEST = 10;

/** What an evaluation says. */
export interface Evaluated {
  readonly metrics: Metrics;
  /** Of the deployed model on the test set; rows: true class; columns: predicted. */
  readonly confusion?: readonly (readonly number[])[];
}

/** `round` is the round, or the epoch of the centralized control. */
export interface Evaluation {
  /** The model on the global sets, and on each client's own part of the test set. */
  deployed(parameters: Parameters, round: number): Promise<Evaluated>;
  /** The deployed model, and the clients' own models where there are any. */
  federated(deployed: Parameters, personal: readonly Parameters[] | undefined, round: number): Promise<Evaluated>;
  /** Client k's own model on its own part of the test set and on the whole of it. */
  personal(parameters: readonly Parameters[], round: number): Promise<Evaluated>;
}

export interface EvaluationOptions {
  /** For messages. */
  readonly arm: string;
  readonly engine: Engine;
  readonly tables: Tables;
  readonly model: Model;
  readonly modelName: string;
  readonly parameters: Parameters;
  readonly data: FederatedData;
  /** Beside accuracy and loss. */
  readonly metrics: readonly ChosenMetric[];
  readonly priority: number;
}

/** Compiles the evaluation of one model. */
export async function compileEvaluation(options: EvaluationOptions): Promise<Evaluation> {
  const { arm, data, engine, metrics } = options;
  const { dataset, test, validation, clients } = data;
  const { classes } = dataset;
  const program = await engine.compile(evaluationStep({ ...options, classes }));
  const predict = createPredictor({ ...options, program });
  const labelsOf = (rows: Uint32Array): Uint8Array => Uint8Array.from(rows, (row) => dataset.labels[row] ?? 0);
  const labels = { test: labelsOf(test), validation: labelsOf(validation) };
  const positions = new Map(Array.from(test, (row, position) => [row, position]));
  /** Where each client's own test rows stand in the test set. */
  const ownPositions = clients.map((client) => Uint32Array.from(client.test, (row) => positions.get(row) ?? 0));

  const score = (set: keyof typeof labels, predicted: Predicted): ClassificationMetrics =>
    classificationMetrics({ labels: labels[set], ...predicted, classes });

  /** What the spec's metrics say of a whole set, or of the rows at `only`. */
  function scoreMetrics(
    { measured, losses, isSound }: Predicted,
    place: Pick<MetricPlace, 'round' | 'set'>,
    only?: Uint32Array,
  ): ClientScores['values'] {
    return metrics.map((metric) => {
      const all = { examples: losses.length, classes, measured: measured[metric.name] ?? {} };
      return scoreMetric(metric, only === undefined ? all : pickExamples(all, only), { ...place, arm, isSound });
    });
  }

  /** What there is to say of a model on a global set. */
  function onWhole(set: keyof typeof labels, predicted: Predicted, round: number) {
    const scores = score(set, predicted);
    const chosen = scoreMetrics(predicted, { round, set: `the ${set} set` }).flatMap((values, index) =>
      Object.entries(values).map(([suffix, value]) => [`${set}/${metrics[index]?.name ?? ''}${suffix}`, value]),
    );
    return { scores, metrics: { ...globalMetrics(set, scores), ...(Object.fromEntries(chosen) as Metrics) } };
  }

  /** What there is to say of a model on client k's own test rows, from predictions on the whole test set. */
  function onOwn(client: number, predicted: Predicted, round: number): ClientScores {
    const own = ownPositions[client] ?? new Uint32Array();
    let right = 0;
    for (const position of own) if (predicted.predictions[position] === labels.test[position]) right += 1;
    const set = `the test examples of client ${client}`;
    return {
      client,
      accuracy: right / own.length,
      examples: own.length,
      values: own.length < MINIMUM_OWN_TEST ? [] : scoreMetrics(predicted, { round, set }, own),
    };
  }

  const overClients = (prefix: ClientSet, scores: readonly ClientScores[]): Metrics => ({
    ...clientMetrics(prefix, ownTestSummary(scores, MINIMUM_OWN_TEST)),
    ...figuresOfMetrics(prefix, metrics, scores),
  });

  const evaluation: Evaluation = {
    async deployed(model, round) {
      const [onTest, onValidation] = await Promise.all([predict(model, test), predict(model, validation)]);
      const { scores, metrics: onTestSet } = onWhole('test', onTest, round);
      return {
        confusion: scores.confusion,
        metrics: {
          ...onTestSet,
          ...(validation.length > 0 && onWhole('validation', onValidation, round).metrics),
          ...overClients(
            'clients/own-test',
            clients.map((_, client) => onOwn(client, onTest, round)),
          ),
        },
      };
    },
    async federated(deployed, personal, round) {
      const [shared, own] = await Promise.all([
        evaluation.deployed(deployed, round),
        personal && evaluation.personal(personal, round),
      ]);
      return { ...shared, metrics: { ...shared.metrics, ...own?.metrics } };
    },
    async personal(models, round) {
      const scored = await Promise.all(
        models.map(async (model, client) => {
          const predicted = await predict(model, test);
          const set = `the test set, by the model of client ${client},`;
          const values = test.length < MINIMUM_OWN_TEST ? [] : scoreMetrics(predicted, { round, set });
          const { accuracy } = score('test', predicted);
          return { onTest: { client, accuracy, examples: test.length, values }, own: onOwn(client, predicted, round) };
        }),
      );
      return {
        metrics: {
          ...overClients(
            'personal/own-test',
            scored.map(({ own }) => own),
          ),
          ...overClients(
            'personal/test',
            scored.map(({ onTest }) => onTest),
          ),
        },
      };
    },
  };
  return evaluation;
}
