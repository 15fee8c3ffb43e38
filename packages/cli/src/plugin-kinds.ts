import type { PluginKind } from '@fedx/core/host';

/** The kinds of plugin that `fedx new` can start, and what each does. */
export const pluginKinds: Readonly<Record<PluginKind, string>> = {
  dataset: 'reads or downloads labelled examples',
  partitioner: 'spreads the examples over clients',
  model: 'maps inputs to logits',
  optimizer: 'a client’s step from a gradient',
  schedule: 'changes the learning rate from round to round, or from step to step',
  strategy: 'aggregates what clients send, and may change their gradient',
  sampler: 'draws the clients of a round',
  transform: 'changes all that a client sends: clips, adds noise, compresses',
  attack: 'what malicious clients train on, and what they send',
  metric: 'what an evaluation measures beside accuracy and loss',
  sink: 'is given all that happens in a run, to record it elsewhere',
};
