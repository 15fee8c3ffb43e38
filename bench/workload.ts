/** The experiment that is measured, and the folder in which the peers find its data. */
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
} from '../packages/core/dist/experiment/experiment.js';
import { createCatalogue } from '../packages/core/dist/plugins/index.js';
import { parseSpec, readSpec, resolveSpec } from '../packages/core/dist/spec/index.js';

/** The workload as a spec. */
export const workloadSpec = fileURLToPath(new URL('./seed.yaml', import.meta.url));

/** The inputs' file in the data folder: uint8 `[examples, 784]`. */
export const inputsFile = 'images.u8';

/** The split experiment, as `fedx run bench/seed.yaml` prepares it. */
export async function loadExperiment(): Promise<Experiment> {
  const plugins = [...datasets, ...partitioners, ...models, ...optimizers, ...schedules, ...strategies, ...samplers];
  const catalogue = createCatalogue(plugins);
  const spec = await resolveSpec(await parseSpec(workloadSpec, await readSpec(workloadSpec), []), catalogue);
  const context = { directory: '.', cache: '.', signal: new AbortController().signal };
  const dataset = await pluginOf(catalogue, 'dataset', spec.dataset).load(optionsOf(spec.dataset), context);
  return prepareExperiment(spec, catalogue, splitData(spec, catalogue, dataset), context);
}

/** Writes what peers/README.md describes: images, labels, and the rows of clients and test set. */
export async function writeDataFolder({ data }: Experiment, folder: string): Promise<void> {
  const split = { clients: data.clients.map(({ train }) => Array.from(train)), test: Array.from(data.test) };
  await Promise.all([
    writeFile(join(folder, inputsFile), data.dataset.inputs),
    writeFile(join(folder, 'labels.u8'), data.dataset.labels),
    writeFile(join(folder, 'split.json'), JSON.stringify(split)),
  ]);
}
