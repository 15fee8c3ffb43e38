import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model, ModelShape } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { type FileSystem, runPaths, storageFailed, writeFileAtomically } from '../runs/index.js';
import { toOnnxModel } from './onnx.js';
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
  const path = (name: string) => join(run, ...runPaths.model(arm, name));
  // It was not written where the format cannot hold the model: to make it anew says why.
  if (format === 'onnx' && existsSync(path('model.onnx')))
    return [{ name: 'model.onnx', content: await read(path('model.onnx'), arm) }];
  const stored = await read(path('model.safetensors'), arm);
  if (format === 'safetensors') return [{ name: 'model.safetensors', content: stored }];
  const parameters = fromSafetensors(stored);
  const made = await model();
  switch (format) {
    case 'onnx':
      return [{ name: 'model.onnx', content: await toOnnxModel(made.model, made.shape, parameters) }];
    case 'tfjs':
      return toTfjsModel(made.model, made.shape, parameters);
    case 'savedmodel':
      return toSavedModel(made.model, made.shape, parameters);
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
