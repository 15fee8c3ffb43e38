import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMlflowError, type LoggedModel, tagEquals } from 'mlflow-js-client';
import { runPaths, storageFailed } from '../runs/index.js';
import { describeMlflowModel, type MlflowModel } from './mlflow-model.js';
import type { Delivery, Target } from './run-filler.js';
import type { TrackedRun } from './tracked-run.js';
import { uploadIfProxied } from './upload.js';

/** Name of the model beside its run, and of its folder where the run holds it: `runs:/<run>/model` in both cases. */
const modelName = 'model';

/**
 * Logs the final model of an arm as an MLflow model of the flavor ONNX: a LoggedModel where the server has those (3.x), and
 * in the run's artifacts, as servers of 2.x know it. `step` is the step that it is from.
 */
export function logModel(run: TrackedRun, arm: string, step: number): Delivery {
  return async (target) => {
    const path = join(run.directory, ...runPaths.model(arm, 'model.onnx'));
    // A model that holds for one batch only has none; the arm has said so.
    if (!existsSync(path)) return;
    const model = await read(path);
    try {
      await logBesideRun(run, arm, model, step, target);
    } catch (error) {
      if (!isMlflowError(error, 'ENDPOINT_NOT_FOUND')) throw error;
      await logInRun(run, arm, model, target);
    }
  };
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw storageFailed('read', path, error);
  }
}

async function logBesideRun(
  run: TrackedRun,
  arm: string,
  onnx: Uint8Array,
  step: number,
  target: Target,
): Promise<void> {
  const { client, runId, signal } = target;
  const model = await findOrCreate(run, arm, target);
  if (model.status !== 'READY') {
    const { modelId } = model;
    const described = await describeMlflowModel(onnx, {
      ...identityOf(run, arm),
      runId,
      modelId,
      artifactPath: model.artifactUri,
    });
    await upload(described, model.artifactUri, '', target);
    await client.loggedModels.finalize(modelId, 'READY', { signal });
  }
  // SQL stores refuse what they have.
  const { modelOutputs } = await client.runs.get(runId, { signal });
  if (modelOutputs.some(({ modelId }) => modelId === model.modelId)) return;
  await client.runs.logOutputs(runId, [{ modelId: model.modelId, step }], { signal });
}

/** Making one is not idempotent: it is looked for by its tags before, and after an answer that was lost. */
async function findOrCreate(
  run: TrackedRun,
  arm: string,
  { client, experimentId, runId, signal }: Target,
): Promise<LoggedModel> {
  const tags = { 'fedx.run': run.run, 'fedx.arm': arm };
  const find = async (): Promise<LoggedModel | undefined> => {
    const filter = Object.entries(tags)
      .map(([tag, value]) => tagEquals(tag, value))
      .join(' and ');
    const found: LoggedModel[] = [];
    for await (const model of client.loggedModels.search({ experimentIds: [experimentId], filter, signal })) {
      if (model.sourceRunId === runId) found.push(model);
    }
    const [first, ...others] = found.toSorted((a, b) => Number(b.status === 'READY') - Number(a.status === 'READY'));
    for (const { modelId, status } of others) {
      if (status !== 'READY') await client.loggedModels.delete(modelId, { signal });
    }
    return first;
  };
  const before = await find();
  if (before !== undefined) return before;
  try {
    return await client.loggedModels.create({ experimentId, name: modelName, sourceRunId: runId, tags, signal });
  } catch (error) {
    const late = isMlflowError(error) && error.mayHaveHappened ? await find() : undefined;
    if (late === undefined) throw error;
    return late;
  }
}

/** Also the tag by which a server of 2.x knows which folders are models. */
async function logInRun(run: TrackedRun, arm: string, onnx: Uint8Array, target: Target): Promise<void> {
  const { artifactUri, client, runId, signal } = target;
  const described = await describeMlflowModel(onnx, { ...identityOf(run, arm), runId, artifactPath: modelName });
  await upload(described, artifactUri, modelName, target);
  const history = JSON.stringify([described.summary]);
  await client.runs.setTag(runId, 'mlflow.log-model.history', history, { signal });
}

/** MLmodel comes last: a folder that has it is whole. */
async function upload(
  { files }: MlflowModel,
  artifactUri: string,
  folder: string,
  { client, signal }: Target,
): Promise<void> {
  for (const [name, content] of files) {
    await uploadIfProxied(client, artifactUri, folder === '' ? name : `${folder}/${name}`, content, signal);
  }
}

/** The same for the same model, however often it is logged. */
function identityOf({ run }: TrackedRun, arm: string): { readonly uuid: string } {
  return { uuid: createHash('sha256').update(`${run} ${arm}`).digest('hex').slice(0, 32) };
}
