import type { Parameters, Tensor, TensorMap, Tree } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';

/** Names of the programs' inputs and stacked results. */
export const names = {
  parameter: (name: string) => `parameter/${name}`,
  slot: (slot: string, name: string) => `slot/${slot}/${name}`,
  sum: (name: string) => `sum/${name}`,
  global: (name: string) => `global/${name}`,
  broadcast: (path: string) => `broadcast/${path}`,
  state: (path: string) => `state/${path}`,
  optimizerHyper: (option: string) => `optimizer/${option}`,
  strategyHyper: (option: string) => `strategy/${option}`,
  clip: (bound: string) => `clip/${bound}`,
  labelMap: 'label-map',
  losses: 'losses',
  predictions: 'predictions',
  measured: (metric: string, name: string) => `measured/${metric}/${name}`,
} as const;

/** Gives a name of a program to each name of a plugin's tensors. */
export type Naming = (name: string) => string;

/** The tensors of `keys` as a plugin knows them. */
export function pick(tensors: TensorMap, naming: Naming, keys: readonly string[]): Record<string, Tensor> {
  return Object.fromEntries(keys.map((key) => [key, tensorOf(tensors, naming(key))]));
}

/** The tensor of a name; a plugin that leaves one out is told which. */
export function tensorOf(tensors: TensorMap, name: string): Tensor {
  const tensor = tensors[name];
  if (tensor !== undefined) return tensor;
  throw new FedxError(
    'FEDX_PLUGIN_FAILED',
    `There is no tensor ${name}; there are ${Object.keys(tensors).join(', ')}.`,
  );
}

/** Parameters under the names of a program. */
export function rename(parameters: Parameters, naming: Naming): Parameters {
  return Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [naming(name), tensor]));
}

/** Numbers as the scalars of a program. */
export function scalars(numbers: Readonly<Record<string, number>>, naming: Naming): Parameters {
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [naming(name), { shape: [], data: Float32Array.of(value) }]),
  );
}

/** All tensors of a tree under the names of a program: `<key>/<parameter>`, and `<key>` for a number. */
export function flatten(tree: Tree, naming: Naming): Parameters {
  return Object.assign(
    {},
    ...Object.entries(tree).map(([key, branch]) =>
      typeof branch === 'number'
        ? scalars({ [key]: branch }, naming)
        : rename(branch, (name) => naming(`${key}/${name}`)),
    ),
  ) as Parameters;
}

/** The traced tensors of a tree, in its form; `like` is any tree of that form. */
export function unflatten(tensors: TensorMap, like: Tree, naming: Naming): Record<string, Tensor | TensorMap> {
  return Object.fromEntries(
    Object.entries(like).map(([key, branch]) => [
      key,
      typeof branch === 'number'
        ? tensorOf(tensors, naming(key))
        : pick(tensors, (name) => naming(`${key}/${name}`), Object.keys(branch)),
    ]),
  );
}
