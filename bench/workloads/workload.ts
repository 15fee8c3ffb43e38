/** The experiments that are measured, and the folders in which the peers find their data. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { datasets } from '@fedx/datasets';
import { models, optimizers, schedules } from '@fedx/models';
import { partitioners } from '@fedx/partitioners';
import { samplers, strategies } from '@fedx/strategies';
// The benchmark looks at parts that have no door of their own: it imports what was built, as a run does.
import {
  type Experiment,
  optionsOf,
  pluginOf,
  prepareExperiment,
  splitData,
} from '../../packages/core/dist/experiment/experiment.js';
import { createCatalogue } from '../../packages/core/dist/plugins/index.js';
import { createRandom } from '../../packages/core/dist/random/index.js';
import { parseSpec, readSpec, resolveSpec } from '../../packages/core/dist/spec/index.js';

/** The inputs' file in the data folder: uint8 `[examples, 784]`. */
export const inputsFile = 'images.u8';

/** Path of a spec in this folder. */
export function workloadSpec(name: 'seed' | 'mcmahan-cnn' | 'lenet' | 'many-clients' | 'resnet-gn'): string {
  return fileURLToPath(new URL(`./${name}.yaml`, import.meta.url));
}

/** The split experiment, as `fedx run` prepares it from the spec and the overrides `path=value`. */
export async function loadExperiment(file: string, overrides: readonly string[] = []): Promise<Experiment> {
  const plugins = [...datasets, ...partitioners, ...models, ...optimizers, ...schedules, ...strategies, ...samplers];
  const catalogue = createCatalogue(plugins);
  const spec = await resolveSpec(await parseSpec(file, await readSpec(file), overrides), catalogue);
  const context = { directory: '.', cache: '.', signal: new AbortController().signal };
  const loading = { ...context, log: () => undefined, random: createRandom(0) };
  const dataset = await pluginOf(catalogue, 'dataset', spec.dataset).load(optionsOf(spec.dataset), loading);
  return prepareExperiment(spec, catalogue, splitData(spec, catalogue, dataset, context.directory), context);
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
