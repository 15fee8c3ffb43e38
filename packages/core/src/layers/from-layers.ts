import type { LayersModel as TfLayersModel } from '@tensorflow/tfjs';
import type { Model, ModelCall, ModelOutput, Tensor, Tf } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import { filled, type Initialiser } from './initialisers.js';
import { type Recorded, recordInitialisers } from './recorded-initialisers.js';
import { namingLayer, substituteFor } from './substitutions.js';
import { type Layer, type LayersModel, type LayerVariable, leavesOf } from './tfjs-layers.js';

/** A weight under its name in the spec's terms, and how it starts. */
interface NamedWeight {
  readonly name: string;
  readonly variable: LayerVariable;
  readonly initialiser: Initialiser;
}

/**
 * A model from tfjs layers: a `tf.sequential(…)` or functional `tf.model(…)`. Its weights start keyed, by the same
 * distributions; moving statistics of batch normalisations are carried; dropout is keyed; LSTM, GRU and SimpleRNN compile
 * as recurrences; weight regularizers become a penalty. A softmax at the end is left out, since a model gives logits.
 * A model that `build` loads keeps the weights it comes with. Weights are named `<kind>-<number>/<weight>`, e.g. `dense-1/kernel`.
 *
 * Throws FEDX_COMPILE_UNSUPPORTED_OP for layers that cannot be compiled, and FEDX_MODEL_SHAPE for several inputs or outputs.
 */
export async function fromLayers(build: (tf: Tf) => TfLayersModel | Promise<TfLayersModel>): Promise<Model> {
  const { tf } = await import('@fedx/compiler');
  await tf.setBackend('cpu');
  const { result, recorded } = recordInitialisers(tf, () => build(tf));
  const model = (await result) as unknown as LayersModel;
  checkForm(model);
  withoutSoftmax(model, tf);
  const weights = nameWeights(model, recorded);
  const trainable = new Set(model.trainableWeights);
  return {
    statistics: weights.filter(({ variable }) => !trainable.has(variable)).map(({ name }) => name),
    init: (random) =>
      Object.fromEntries(
        weights.map(({ name, variable, initialiser }) => [name, initialiser(random.at(name), [...variable.shape])]),
      ),
    apply: (call) => applyLayers(model, weights, call),
  };
}

/** Runs the model with a call's parameters in the place of its weights, which are put back. */
function applyLayers(model: LayersModel, weights: readonly NamedWeight[], call: ModelCall): ModelOutput {
  const { tf, parameters, inputs, mode } = call;
  const training = mode === 'train';
  const statistics: Record<string, Tensor> = {};
  const undo: (() => void)[] = [];
  for (const { name, variable } of weights) {
    const { val } = variable;
    undo.push(() => {
      variable.val = val;
      Reflect.deleteProperty(variable, 'write');
    });
    variable.val = parameters[name] ?? val;
    variable.write = (value) => {
      // The layer writes inside of a tidy.
      statistics[name] = tf.keep(value);
      return variable;
    };
  }
  for (const layer of leavesOf(model)) {
    const own = Object.getOwnPropertyDescriptor(layer, 'call');
    undo.push(() => {
      if (own === undefined) Reflect.deleteProperty(layer, 'call');
      else Object.defineProperty(layer, 'call', own);
    });
    layer.call = namingLayer(layer, substituteFor(layer, call) ?? layer.call);
  }
  try {
    const logits = (model as unknown as TfLayersModel).apply(inputs, { training }) as Tensor;
    const penalties = training ? model.calculateLosses() : [];
    return { logits, statistics, ...(penalties.length > 0 && { penalty: tf.addN([...penalties]) }) };
  } finally {
    for (const back of undo) back();
  }
}

/** Kind and number of the layer, then the weight: tfjs's own names go on counting from model to model. */
function nameWeights(model: LayersModel, recorded: Recorded): readonly NamedWeight[] {
  const counts = new Map<string, number>();
  const known = new Set<LayerVariable>();
  return leavesOf(model).flatMap((layer) => {
    const own = layer.weights.filter((weight) => !known.has(weight));
    if (own.length === 0) return [];
    const kind = layer
      .getClassName()
      .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
      .toLowerCase();
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    return own.map((variable) => {
      known.add(variable);
      if (isGiven(variable.constraint)) {
        throw new FedxError(
          'FEDX_COMPILE_UNSUPPORTED_OP',
          `The layer ${layer.name} (${layer.getClassName()}) has a constraint on ${variable.originalName}, which would not be applied.`,
          { hint: 'Leave out the constraint.' },
        );
      }
      const weight = variable.originalName.split('/').at(-1) ?? variable.originalName;
      const initialiser = recorded.get(variable.val.dataId) ?? asItIs(variable);
      return { name: `${kind}-${number}/${weight.replaceAll('_', '-')}`, variable, initialiser };
    });
  });
}

/** The value that a weight was loaded with. */
function asItIs({ val }: LayerVariable): Initialiser {
  const data = Float32Array.from(val.dataSync());
  return (random, shape) => ({ ...filled(0)(random, shape), data: data.slice() });
}

function checkForm({ inputs, outputs }: LayersModel): void {
  if (inputs.length === 1 && outputs.length === 1) return;
  throw new FedxError(
    'FEDX_MODEL_SHAPE',
    `A model has one input and one output, but these layers have ${inputs.length} and ${outputs.length}.`,
  );
}

function withoutSoftmax({ layers }: LayersModel, tf: Tf): void {
  const last = layers.at(-1) as (Layer & { activation?: { getClassName?(): string; apply?: unknown } }) | undefined;
  if (last === undefined) return;
  if (last.getClassName() === 'Softmax') Object.assign(last, { call: (inputs: unknown) => inputs });
  if (last.activation?.getClassName?.() === 'softmax') {
    const linear = tf.layers.activation({ activation: 'linear' }) as unknown as { activation: unknown };
    Object.assign(last, { activation: linear.activation });
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
