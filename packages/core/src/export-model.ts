import { join, relative, resolve } from 'node:path';
import { FedxError } from './errors/index.js';
import type { Experiment } from './experiment/experiment.js';
import { readEnvironment } from './experiment/invocation/resume.js';
import { exportRun, isModelFormat } from './export/index.js';
import { suggest } from './names/index.js';
import { type FileSystem, findRun, glanceAtRun, runPaths, runsDirectory } from './runs/index.js';

export interface ExportModelRequest {
  /** Id of a run, its beginning, or `latest`. */
  readonly run: string;
  readonly arm: string;
  /** `safetensors`, `onnx`, `tfjs` or `savedmodel`. */
  readonly format: string;
  /** Where the files go, from the working directory. */
  readonly folder: string;
}

export interface ExportedModel {
  readonly run: string;
  readonly arm: string;
  readonly format: string;
  /** Paths of the files, from the working directory. */
  readonly files: readonly string[];
}

/** A run's spec, prepared once more; `close` lets go of what that took. */
export interface PreparedRun {
  readonly experiment: Pick<Experiment, 'model' | 'data' | 'spec' | 'catalogue'>;
  /** Digests of the plugins as they are now, by the plugin's name in the spec. */
  readonly plugins: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

export interface ExportContext {
  readonly directory: string;
  readonly fileSystem: FileSystem;
  readonly prepare: (specFile: string) => Promise<PreparedRun>;
}

/**
 * Writes the final model of an arm of a run. Throws FEDX_RUN_NOT_FOUND, FEDX_EXPORT_FAILED where the run has no such arm, and
 * what `exportRun` throws.
 */
export async function exportModel(
  { run: name, arm, format, folder }: ExportModelRequest,
  { directory, fileSystem, prepare }: ExportContext,
): Promise<ExportedModel> {
  const id = findRun(directory, name);
  if (!isModelFormat(format)) throw new FedxError('FEDX_EXPORT_FAILED', `There is no format ${format}.`);
  const { arms } = glanceAtRun(directory, id);
  if (!arms.includes(arm)) {
    const hint = suggest(arm, arms, 'Arms of this run') || 'Its journal names no arm.';
    throw new FedxError('FEDX_EXPORT_FAILED', `The run ${id} has no arm ${JSON.stringify(arm)}.`, { hint });
  }
  const run = join(runsDirectory(directory), id);
  let prepared: PreparedRun | undefined;
  try {
    const files = await exportRun({
      run,
      arm,
      format,
      folder: resolve(directory, folder),
      fileSystem,
      model: async () => {
        prepared = await prepare(join(run, ...runPaths.spec));
        const { model, data } = prepared.experiment;
        checkSameModel(run, prepared);
        return { model, shape: data.dataset };
      },
    });
    return { run: id, arm, format, files: files.map((file) => relative(directory, file)) };
  } finally {
    await prepared?.close();
  }
}

/** Throws FEDX_EXPORT_FAILED where the plugin of the model is no longer what the run began with: it would be another model. */
function checkSameModel(run: string, { experiment: { catalogue, spec }, plugins }: PreparedRun): void {
  const { use } = spec.model;
  const origin = catalogue.entries.find(({ plugin: { kind, name } }) => kind === 'model' && name === use)?.origin ?? '';
  const before = readEnvironment(run)?.plugins[origin];
  if (before === undefined || before === plugins[origin]) return;
  throw new FedxError(
    'FEDX_EXPORT_FAILED',
    `The plugin ${origin} has changed since the run, so that its model ${use} may be another.`,
    {
      place: { plugin: use, file: origin },
      hint: 'Undo the change, or export as safetensors or onnx, which the run wrote itself.',
    },
  );
}
