import type { Dataset } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';

/** Returns what a dataset plugin loaded. Throws FEDX_PLUGIN_FAILED, naming the plugin, where sizes or labels do not fit. */
export function checkDataset(name: string, dataset: Dataset): Dataset {
  const flaw = describeFlaw(dataset);
  if (flaw === undefined) return dataset;
  throw new FedxError('FEDX_PLUGIN_FAILED', `The dataset ${name} returned ${flaw}.`, { place: { plugin: name } });
}

/** What is wrong with it, to go after "returned". Plugins may be plain JavaScript, so nothing is taken on trust. */
function describeFlaw(dataset: Dataset | undefined | null): string | undefined {
  if (typeof dataset !== 'object' || dataset === null) return `${String(dataset)}, which is no dataset`;
  const { examples, inputShape, inputs, labels, classes, groups, testFrom } = dataset;
  if (!Number.isSafeInteger(examples) || examples < 1) return `${examples} examples`;
  const isTyped = inputs instanceof Uint8Array || inputs instanceof Float32Array;
  if (!Array.isArray(inputShape) || !isTyped || !(labels instanceof Uint8Array))
    return 'something without an inputShape, inputs (Uint8Array or Float32Array) or labels (Uint8Array)';
  const values = inputShape.reduce<number>((product, size) => product * size, examples);
  if (inputs.length !== values)
    return `${inputs.length} input values, but ${examples} examples of [${inputShape.join(', ')}] have ${values}`;
  const unusable = inputs instanceof Float32Array ? inputs.findIndex((value) => !Number.isFinite(value)) : -1;
  if (unusable !== -1)
    return `an input of ${inputs[unusable]} for example ${Math.floor((unusable * examples) / inputs.length)}`;
  if (labels.length !== examples) return `${labels.length} labels for ${examples} examples`;
  const unknown = labels.findIndex((label) => label >= classes);
  if (unknown !== -1) return `label ${labels[unknown]} for example ${unknown}, but has ${classes} classes`;
  if (groups !== undefined && groups.of.length !== examples)
    return `groups of ${groups.of.length} examples, of which there are ${examples}`;
  const stray = groups?.of.findIndex((group) => group >= groups.names.length) ?? -1;
  if (stray !== -1) return `group ${groups?.of[stray]} for example ${stray}, but names ${groups?.names.length} groups`;
  if (testFrom === undefined) return undefined;
  const inside = Number.isSafeInteger(testFrom) && testFrom > 0 && testFrom < examples;
  return inside ? undefined : `a test set from row ${testFrom} on, of ${examples} examples`;
}
