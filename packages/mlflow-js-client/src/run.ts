import { type LifecycleStage, toLifecycleStage } from './experiments.js';
import {
  decodeNumber,
  integer,
  keyValues,
  list,
  object,
  optionalInteger,
  optionalObject,
  optionalText,
  present,
  text,
  toKeyValues,
  type Wire,
} from './wire.js';

export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

export interface Run {
  readonly runId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly status: RunStatus;
  /** Milliseconds since the epoch. */
  readonly startTime?: number;
  readonly endTime?: number;
  /** Where its artifacts lie; the artifact functions know what to do with it. */
  readonly artifactUri: string;
  readonly lifecycleStage: LifecycleStage;
  /** The last value of each metric. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly datasets: readonly DatasetInput[];
  /** Models that the run used and made; MLflow 3. */
  readonly modelInputs: readonly string[];
  readonly modelOutputs: readonly ModelOutput[];
}

/** A dataset that a run read. */
export interface DatasetInput {
  /** At most 500 characters. */
  readonly name: string;
  /** At most 36 characters. */
  readonly digest: string;
  /** E.g. `local`, `http`, `hugging_face`, `code`. */
  readonly sourceType: string;
  /** JSON text that says where it came from, at most 65,535 characters; MLflow's screen wants JSON. */
  readonly source: string;
  /** JSON text. */
  readonly schema?: string;
  /** JSON text. */
  readonly profile?: string;
  /** Default: none; MLflow's screen shows `mlflow.data.context`, e.g. `training`. */
  readonly tags?: Readonly<Record<string, string>>;
}

export interface ModelOutput {
  readonly modelId: string;
  readonly step: number;
}

export function toRun(wire: Wire): Run {
  const info = object(wire, 'info');
  const data = optionalObject(wire, 'data');
  const inputs = optionalObject(wire, 'inputs');
  return present({
    runId: text(info, 'run_id'),
    experimentId: text(info, 'experiment_id'),
    name: optionalText(info, 'run_name') ?? '',
    status: toStatus(info),
    startTime: optionalInteger(info, 'start_time'),
    endTime: optionalInteger(info, 'end_time'),
    artifactUri: optionalText(info, 'artifact_uri') ?? '',
    lifecycleStage: toLifecycleStage(info),
    metrics: Object.fromEntries(
      list(data, 'metrics').map((metric) => [text(metric, 'key'), decodeNumber(metric, 'value')]),
    ),
    params: keyValues(data, 'params'),
    tags: keyValues(data, 'tags'),
    datasets: list(inputs, 'dataset_inputs').map(toDatasetInput),
    modelInputs: list(inputs, 'model_inputs').map((model) => text(model, 'model_id')),
    modelOutputs: list(optionalObject(wire, 'outputs'), 'model_outputs').map((model) => ({
      modelId: text(model, 'model_id'),
      step: optionalInteger(model, 'step') ?? 0,
    })),
  });
}

const statuses: ReadonlySet<string> = new Set<RunStatus>(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']);

function isStatus(value: string): value is RunStatus {
  return statuses.has(value);
}

function toStatus(info: Wire): RunStatus {
  const status = optionalText(info, 'status') ?? '';
  return isStatus(status) ? status : 'RUNNING';
}

function toDatasetInput(wire: Wire): DatasetInput {
  const dataset = object(wire, 'dataset');
  return present({
    name: text(dataset, 'name'),
    digest: text(dataset, 'digest'),
    sourceType: optionalText(dataset, 'source_type') ?? '',
    source: optionalText(dataset, 'source') ?? '',
    schema: optionalText(dataset, 'schema'),
    profile: optionalText(dataset, 'profile'),
    tags: keyValues(wire, 'tags'),
  });
}

export function fromDatasetInput({ tags = {}, sourceType, ...dataset }: DatasetInput): object {
  return { dataset: { ...dataset, source_type: sourceType }, tags: toKeyValues(tags) };
}

/** One value of a metric. */
export interface MetricPoint {
  /** Any number; NaN and the infinities too. SQL stores keep an infinity as the largest finite number. */
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly step: number;
}

export function toMetricPoint(wire: Wire): MetricPoint {
  return {
    value: decodeNumber(wire, 'value'),
    timestamp: integer(wire, 'timestamp'),
    step: optionalInteger(wire, 'step') ?? 0,
  };
}
