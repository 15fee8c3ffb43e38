import { MlflowError } from './mlflow-error.js';
import type { MetricPoint } from './run.js';
import { encodeNumber, present } from './wire.js';

/** One value of a metric by its key. */
export interface Metric extends MetricPoint {
  /** At most 250 characters: letters, digits, `_ - . /`, blanks and, on most servers, colons. */
  readonly key: string;
  /** The LoggedModel and the dataset that it is a metric of; MLflow 3, ignored by older servers. */
  readonly modelId?: string;
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}

/** What a run can be told at once. */
export interface Batch {
  readonly metrics?: readonly Metric[];
  /** Written once: another value for the same key is refused with INVALID_PARAMETER_VALUE. Values: 6000 characters. */
  readonly params?: Readonly<Record<string, string>>;
  /** A later value replaces the earlier one. Values: 8000 characters. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** MLflow's limits (mlflow/utils/validation.py), characters being Unicode code points. */
export const batchLimits = {
  metrics: 1000,
  params: 100,
  tags: 100,
  /** Metrics, params and tags together. */
  entities: 1000,
  bytes: 1_000_000,
  keyCharacters: 250,
  paramCharacters: 6000,
  tagCharacters: 8000,
} as const;

type EntityKind = 'metrics' | 'params' | 'tags';

interface Entity {
  readonly kind: EntityKind;
  readonly wire: object;
}

/** The body of one log-batch request, without the run's id. */
export type WireBatch = Readonly<Record<EntityKind, readonly object[]>>;

/** Room for the run's id and the names of the fields. */
const envelopeBytes = 500;

/**
 * The requests that a batch of any size takes: as few as the limits allow, tags and params first, the order of the
 * metrics kept. None for an empty batch. Throws CLIENT_INVALID_ARGUMENT for a key or value that MLflow would not take,
 * or would cut off: a value that was cut would look like a value.
 */
export function splitBatch({ metrics = [], params = {}, tags = {} }: Batch): readonly WireBatch[] {
  const entities: Entity[] = [
    ...Object.entries(tags).map(([key, value]) => pair('tags', key, value, batchLimits.tagCharacters)),
    ...Object.entries(params).map(([key, value]) => pair('params', key, value, batchLimits.paramCharacters)),
    ...metrics.map((metric): Entity => ({ kind: 'metrics', wire: encodeMetric(metric) })),
  ];
  const batches: WireBatch[] = [];
  let current = emptyBatch();
  let bytes = envelopeBytes;
  for (const { kind, wire } of entities) {
    const size = Buffer.byteLength(JSON.stringify(wire)) + 1;
    if (isFull(current, kind) || bytes + size > batchLimits.bytes) {
      batches.push(current);
      current = emptyBatch();
      bytes = envelopeBytes;
    }
    current[kind].push(wire);
    bytes += size;
  }
  if (entities.length > 0) batches.push(current);
  return batches;
}

function emptyBatch(): Record<EntityKind, object[]> {
  return { metrics: [], params: [], tags: [] };
}

function isFull(batch: WireBatch, kind: EntityKind): boolean {
  const entities = batch.metrics.length + batch.params.length + batch.tags.length;
  return batch[kind].length >= batchLimits[kind] || entities >= batchLimits.entities;
}

function pair(kind: 'params' | 'tags', key: string, value: string, limit: number): Entity {
  const what = kind === 'params' ? 'Param' : 'Tag';
  checkKey(what, key);
  checkLength(`The value of ${what.toLowerCase()} ${key}`, value, limit);
  return { kind, wire: { key, value } };
}

function encodeMetric({ datasetDigest, datasetName, key, modelId, step, timestamp, value }: Metric): object {
  checkKey('Metric', key);
  for (const [name, number] of [
    ['step', step],
    ['timestamp', timestamp],
  ] as const) {
    if (!Number.isSafeInteger(number)) {
      throw new MlflowError(
        'CLIENT_INVALID_ARGUMENT',
        `The ${name} of metric ${key} must be an integer, not ${number}.`,
      );
    }
  }
  return present({
    key,
    value: encodeNumber(value),
    timestamp,
    step,
    model_id: modelId,
    dataset_name: datasetName,
    dataset_digest: datasetDigest,
  });
}

function checkKey(what: string, key: string): void {
  if (key === '') throw new MlflowError('CLIENT_INVALID_ARGUMENT', `${what} keys cannot be empty.`);
  checkLength(`${what} key ${key.slice(0, 50)}…`, key, batchLimits.keyCharacters);
}

function checkLength(what: string, value: string, limit: number): void {
  // A code point is one or two units of a JavaScript string: most texts need no counting.
  if (value.length <= limit) return;
  const characters = Array.from(value).length;
  if (characters <= limit) return;
  throw new MlflowError(
    'CLIENT_INVALID_ARGUMENT',
    `${what} has ${characters} characters; MLflow takes at most ${limit}.`,
  );
}
