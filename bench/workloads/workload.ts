/** The experiments that are measured, and the folders in which the peers find their data. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Dataset } from '@fedx/core';
import { datasets } from '@fedx/datasets';
import { models, optimizers, schedules } from '@fedx/models';
import { partitioners } from '@fedx/partitioners';
import { samplers, strategies } from '@fedx/strategies';
// The benchmark looks at parts that have no door of their own: it imports what was built, as a run does.
import type { FederatedData } from '../../packages/core/dist/data/index.js';
import {
  type Experiment,
  optionsOf,
  pluginOf,
  prepareExperiment,
  splitData,
} from '../../packages/core/dist/experiment/experiment.js';
import { createCatalogue } from '../../packages/core/dist/plugins/index.js';
import { createRandom } from '../../packages/core/dist/random/index.js';
import { type ExperimentSpec, parseSpec, readSpec, resolveSpec } from '../../packages/core/dist/spec/index.js';

/** The inputs' file in the data folder: uint8 `[examples, 784]`. */
export const inputsFile = 'images.u8';

/** Path of a spec in this folder. */
export function workloadSpec(name: 'seed' | 'mcmahan-cnn' | 'lenet' | 'many-clients' | 'resnet-gn'): string {
  return fileURLToPath(new URL(`./${name}.yaml`, import.meta.url));
}

/** What the measured specs name. */
export const plugins = [
  ...datasets,
  ...partitioners,
  ...models,
  ...optimizers,
  ...schedules,
  ...strategies,
  ...samplers,
];

const catalogue = createCatalogue(plugins);
const context = { directory: '.', cache: '.', signal: new AbortController().signal };

export async function loadSpec(file: string, overrides: readonly string[]): Promise<ExperimentSpec> {
  return resolveSpec(await parseSpec(file, await readSpec(file), overrides), catalogue);
}

export async function loadDataset({ dataset }: ExperimentSpec): Promise<Dataset> {
  const loading = { ...context, log: () => undefined, random: createRandom(0) };
  return pluginOf(catalogue, 'dataset', dataset).load(optionsOf(dataset), loading);
}

/** The holdout and the clients' shares. */
export function split(spec: ExperimentSpec, dataset: Dataset): FederatedData {
  return splitData(spec, catalogue, dataset, context.directory);
}

/** The split experiment, as `fedx run` prepares it from the spec and the overrides `path=value`. */
export async function loadExperiment(file: string, overrides: readonly string[] = []): Promise<Experiment> {
  const spec = await loadSpec(file, overrides);
  return prepareExperiment(spec, catalogue, split(spec, await loadDataset(spec)), context);
}

/** Writes what peers/README.md describes: images, labels, the rows of clients and test set, and what is trained. */
export async function writeDataFolder({ data, spec, cohort }: Experiment, folder: string): Promise<void> {
  const split = { clients: data.clients.map(({ train }) => Array.from(train)), test: Array.from(data.test) };
  const workload = {
    model: spec.model,
    batchSize: spec.client.batchSize,
    epochs: spec.client.epochs,
    learningRate: spec.client.optimizer['learningRate'],
    cohort: cohort(1).length,
  };
  await Promise.all([
    writeFile(join(folder, inputsFile), data.dataset.inputs),
    writeFile(join(folder, 'labels.u8'), data.dataset.labels),
    writeFile(join(folder, 'split.json'), JSON.stringify(split)),
    writeFile(join(folder, 'workload.json'), JSON.stringify(workload)),
  ]);
}
