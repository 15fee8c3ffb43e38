/** What the points of a sweep share: each dataset, split, engine and control is made once for those that ask for the same. */
import type { Dataset } from '../../contracts/index.js';
import type { FederatedData } from '../../data/index.js';
import { type ChosenEngine, chooseEngine, type Work } from '../../engines/index.js';
import { awaitPlugin, type Catalogue } from '../../plugins/index.js';
import { createRandom } from '../../random/index.js';
import type { FileSystem } from '../../runs/index.js';
import type { ExperimentSpec } from '../../spec/index.js';
import { createTrainedControls, type TrainedControls } from '../arms/trained-controls.js';
import { type Experiment, optionsOf, pluginOf, prepareExperiment, splitData } from '../experiment.js';
import { createEnginePool, type EnginePool } from './engine-pool.js';
import { createMemo } from './memo.js';
import { workOf } from './work-of.js';

export interface WorkshopOptions {
  readonly catalogue: Catalogue;
  /** The first point: its model decides what `engine: { use: auto }` means, for all points and when they are resumed. */
  readonly first: ExperimentSpec;
  /** The folder of the spec. */
  readonly specDirectory: string;
  readonly cache: string;
  readonly fileSystem: FileSystem;
  /** A line for the user, from a dataset that takes long. */
  readonly log: (message: string) => void;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}

export interface Workshop {
  /** Loads and splits the data, makes the model and plans the arms. Throws what the plugins and the split throw. */
  prepare(spec: ExperimentSpec): Promise<Experiment>;
  /** What the spec's `engine` means here, for all points as for the first. Throws FEDX_ENGINE_UNAVAILABLE. */
  chooseEngine(spec: ExperimentSpec): Promise<ChosenEngine>;
  readonly engines: EnginePool;
  readonly trained: TrainedControls;
  close(): Promise<void>;
}

/** Datasets are large, splits a few hundred kilobytes: so many are kept for the points to come. */
const DATASETS_KEPT = 2;
const SPLITS_KEPT = 32;
/** As many as a spec can ask for. */
const ENGINES = 4;

export function createWorkshop(options: WorkshopOptions): Workshop {
  const { catalogue, first, specDirectory, cache, fileSystem, signal, log } = options;
  const engines = createEnginePool({ fileSystem, signal });
  const context = { directory: specDirectory, cache, signal };
  const datasets = createMemo<Dataset>(DATASETS_KEPT);
  const splits = createMemo<FederatedData>(SPLITS_KEPT);

  function load({ dataset: slot }: ExperimentSpec): Promise<Dataset> {
    return datasets(JSON.stringify(slot), () => {
      const plugin = pluginOf(catalogue, 'dataset', slot);
      return awaitPlugin(plugin.name, 'to load its data', () =>
        plugin.load(optionsOf(slot), { ...context, log, random: createRandom(0).at('dataset', plugin.name) }),
      );
    });
  }

  function split(spec: ExperimentSpec): Promise<FederatedData> {
    const { dataset, partition, holdout, seed, seeds } = spec;
    const decisive = [dataset, partition, holdout, seeds.data ?? seed, seeds.partition ?? seed];
    return splits(JSON.stringify(decisive), async () => splitData(spec, catalogue, await load(spec), specDirectory));
  }

  const prepare: Workshop['prepare'] = async (spec) => prepareExperiment(spec, catalogue, await split(spec), context);
  const chosen = createMemo<ChosenEngine>(ENGINES);
  // A first point that cannot be prepared fails by itself, and decides nothing for the others.
  const workOfFirst = (): Promise<Work> =>
    prepare(first)
      .then(({ model, data, initial }) => workOf(model, data.dataset, initial))
      .catch(() => 'products');

  return {
    engines,
    trained: createTrainedControls(),
    prepare,
    chooseEngine: ({ engine: { use } }) => chosen(use, () => chooseEngine(use, () => workOfFirst())),
    close: () => engines.close(),
  };
}
