import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model, ModelShape } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { type FileSystem, runPaths, storageFailed, writeFileAtomically } from '../runs/index.js';
import { fromSafetensors } from './safetensors.js';
import { type ModelFile, toSavedModel, toTfjsModel } from './tensorflow.js';

/** What a model can leave as. */
const modelFormats = ['safetensors', 'onnx', 'tfjs', 'savedmodel'] as const;

export type ModelFormat = (typeof modelFormats)[number];

export function isModelFormat(text: string): text is ModelFormat {
  return modelFormats.some((format) => format === text);
}

export interface ExportRequest {
  readonly format: ModelFormat;
  readonly arm: string;
  /** The run's folder, absolute. */
  readonly run: string;
  /** Where the files go, absolute; made where it is missing. */
  readonly folder: string;
  readonly fileSystem: FileSystem;
  /** Asked for only where the model must be traced anew. */
  readonly model: () => Promise<{ readonly model: Model; readonly shape: ModelShape }>;
}

/**
 * Writes the final model of an arm in another format; returns the paths of the files. Throws FEDX_EXPORT_FAILED where the
 * arm has no model, FEDX_COMPILE_UNSUPPORTED_OP where the format cannot hold it, FEDX_STORAGE_FAILED.
 */
export async function exportRun(request: ExportRequest): Promise<readonly string[]> {
  const { fileSystem, folder } = request;
  const files = await filesOf(request);
  try {
    fileSystem.makeDirectory(folder, { recursive: true });
  } catch (error) {
    throw storageFailed('create', folder, error);
  }
  const paths = files.map(({ name }) => join(folder, name));
  for (const [i, { content }] of files.entries()) await writeFileAtomically(paths[i] ?? folder, content, fileSystem);
  return paths;
}

async function filesOf({ format, arm, run, model }: ExportRequest): Promise<readonly ModelFile[]> {
  const stored = (name: string) => read(join(run, ...runPaths.model(arm, name)), arm);
  switch (format) {
    case 'safetensors':
      return [{ name: 'model.safetensors', content: await stored('model.safetensors') }];
    case 'onnx':
      return [{ name: 'model.onnx', content: await stored('model.onnx') }];
    case 'tfjs':
    case 'savedmodel': {
      const parameters = fromSafetensors(await stored('model.safetensors'));
      const made = await model();
      return (format === 'tfjs' ? toTfjsModel : toSavedModel)(made.model, made.shape, parameters);
    }
  }
}

async function read(path: string, arm: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new FedxError('FEDX_EXPORT_FAILED', `The arm ${arm} of this run has no final model.`, {
      place: { file: path, arm },
      hint: 'local-only has no model of its own, and a run that did not end has none yet: fedx resume goes on with it.',
      ...(!isMissing && { cause }),
    });
  }
}
