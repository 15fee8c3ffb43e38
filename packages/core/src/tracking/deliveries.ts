/** What is sent to the run of an arm beside its points: files, tables, pictures, the model. */
import { basename, join } from 'node:path';
import type { ArtifactContent } from 'mlflow-js-client';
import { type JournalEntry, type RunPath, runPaths } from '../runs/index.js';
import { logModel } from './log-model.js';
import type { Delivery } from './run-filler.js';
import { confusionPicture, confusionTable, partitionPicture, partitionTable, readPartition } from './tables.js';
import type { TrackedRun } from './tracked-run.js';
import { uploadIfProxied } from './upload.js';

const names = { partition: 'partition-table.json', confusion: 'confusion-matrix.json' } as const;

/** The tag by which MLflow's screen shows these files as tables. */
export function tableTag(use: string): Readonly<Record<string, string>> {
  const tables = use === 'federated' ? [names.partition, names.confusion] : [names.confusion];
  return { 'mlflow.loggedArtifacts': JSON.stringify(tables.map((path) => ({ path, type: 'table' }))) };
}

/** What is known when an arm begins. The split is that of the federated arm; the others pool it or deal it anew. */
export function deliveriesAtStart(run: TrackedRun, use: string): readonly Delivery[] {
  const split = use === 'federated' ? [file(run, runPaths.partition), artifact(names.partition, table(run))] : [];
  return [file(run, runPaths.spec), file(run, runPaths.environment), ...split];
}

/** What is known when it has completed. Pictures come here, so that drawing them takes nothing from the rounds. */
export function deliveriesAtEnd(
  run: TrackedRun,
  use: string,
  { arm, confusion, model, steps }: Extract<JournalEntry, { readonly type: 'arm-completed' }>,
): readonly Delivery[] {
  const split =
    use === 'federated'
      ? [artifact('partition.svg', async () => partitionPicture(await readPartition(run.directory)))]
      : [];
  const errors =
    confusion === undefined
      ? []
      : [
          artifact(names.confusion, () => Promise.resolve(JSON.stringify(confusionTable(confusion)))),
          artifact('confusion-matrix.svg', () => confusionPicture(confusion, arm)),
        ];
  const models =
    model === undefined ? [] : [file(run, runPaths.model(arm, 'model.safetensors')), logModel(run, arm, steps)];
  return [...split, ...errors, ...models];
}

function file({ directory }: TrackedRun, path: RunPath): Delivery {
  return artifact(basename(path.at(-1) ?? ''), () => Promise.resolve({ file: join(directory, ...path) }));
}

function artifact(path: string, content: () => Promise<ArtifactContent>): Delivery {
  return async ({ artifactUri, client, signal }) => uploadIfProxied(client, artifactUri, path, await content(), signal);
}

function table({ directory }: TrackedRun): () => Promise<string> {
  return async () => JSON.stringify(partitionTable(await readPartition(directory)));
}
