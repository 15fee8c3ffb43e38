import { awaitCreated } from '../../plugins/index.js';
import type { ChosenSink } from '../../tracking/index.js';
import { optionsOf, pluginOf } from '../chosen-plugins.js';
import type { Experiment } from '../experiment.js';

/** The sinks of `tracking.sinks`. */
export function createSinks({ spec, catalogue }: Pick<Experiment, 'spec' | 'catalogue'>): readonly ChosenSink[] {
  return spec.tracking.sinks.map((slot) => {
    const plugin = pluginOf(catalogue, 'sink', slot);
    return {
      name: plugin.name,
      create: (context) => awaitCreated(plugin, () => plugin.create(optionsOf(slot), context)),
    };
  });
}
