import type { Metric } from '../../contracts/index.js';
import { createPlugin, traceChecked, whyNoTensors } from '../../plugins/index.js';
import { optionsOf, pluginOf } from '../chosen-plugins.js';
import type { Experiment } from '../experiment.js';

/** A metric with what the core has to know of it. */
export interface ChosenMetric extends Metric {
  readonly name: string;
  readonly better: 'higher' | 'lower';
}

/** The metrics of `evaluate.metrics`; what goes wrong in their traced functions names them. */
export function createMetrics({ spec, catalogue }: Pick<Experiment, 'spec' | 'catalogue'>): readonly ChosenMetric[] {
  return spec.evaluate.metrics.map((slot) => {
    const plugin = pluginOf(catalogue, 'metric', slot);
    const { name, better = 'higher' } = plugin;
    const made = createPlugin(plugin, () => plugin.create(optionsOf(slot)));
    return {
      name,
      better,
      measure: (call) => traceChecked(plugin, () => made.measure(call), whyNoTensors),
      finish: (call) => made.finish(call),
    };
  });
}

/** Names of those that are the better the lower they are. */
export function lowerMetrics({ spec, catalogue }: Pick<Experiment, 'spec' | 'catalogue'>): readonly string[] {
  return spec.evaluate.metrics
    .filter((slot) => pluginOf(catalogue, 'metric', slot).better === 'lower')
    .map(({ use }) => use);
}
