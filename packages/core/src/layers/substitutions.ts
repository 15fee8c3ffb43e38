import type { ModelCall, Tensor } from '../contracts/index.js';
import { FedxError, isFedxError } from '../errors/index.js';
import type {
  CallArguments,
  DropoutLayer,
  Layer,
  LayerVariable,
  NormalisationLayer,
  RecurrentLayer,
} from './tfjs-layers.js';

type LayerCall = Layer['call'];

/** What a layer computes instead of its own `call`, where that cannot be compiled; undefined where it can. */
export function substituteFor(layer: Layer, call: ModelCall): LayerCall | undefined {
  const kind = layer.getClassName();
  switch (kind) {
    case 'Dropout':
      return dropout(layer as DropoutLayer, call);
    case 'GaussianNoise':
    case 'GaussianDropout':
    case 'AlphaDropout':
    case 'SpatialDropout1D':
      return refusing(layer, 'draws random numbers; use tf.layers.dropout');
    case 'BatchNormalization':
      return withScale(layer as NormalisationLayer, call);
    case 'LSTM':
    case 'GRU':
    case 'SimpleRNN':
    case 'RNN':
      return recurrent(layer as RecurrentLayer, call);
    case 'Masking':
      return refusing(layer, 'masks steps, which a compiled recurrence does not skip');
    default:
      return undefined;
  }
}

/** Calls a layer; what goes wrong names it. */
export function namingLayer(layer: Layer, own: LayerCall): LayerCall {
  return (inputs, kwargs) => {
    try {
      return own.call(layer, inputs, kwargs);
    } catch (error) {
      if (isFedxError(error) || !(error instanceof Error)) throw error;
      error.message = `The layer ${layer.name} (${layer.getClassName()}): ${error.message}`;
      throw error;
    }
  };
}

function refusing(layer: Layer, why: string): LayerCall {
  return (inputs, { training }) => {
    if (training !== true && !layer.getClassName().startsWith('Mask')) return inputs;
    throw new FedxError(
      'FEDX_COMPILE_UNSUPPORTED_OP',
      `The layer ${layer.name} (${layer.getClassName()}) cannot be compiled: it ${why}.`,
    );
  };
}

function dropout({ rate, noiseShape }: DropoutLayer, { tf, random }: ModelCall): LayerCall {
  return (inputs, { training }) => {
    const x = only(inputs);
    if (training !== true) return x;
    if (noiseShape === undefined || noiseShape === null) return random.dropout(x, rate);
    const shape = noiseShape.map((size, axis) => size ?? x.shape[axis] ?? 1);
    return tf.mul(x, random.dropout(tf.ones(shape), rate));
  };
}

/** tfjs's gradient of a batch normalisation needs a scale. */
function withScale(layer: NormalisationLayer, { tf }: ModelCall): LayerCall | undefined {
  if (layer.scale) return undefined;
  const { call: own } = layer;
  return (inputs, kwargs) => {
    const before = layer.gamma ?? null;
    const channels = only(inputs).shape.at(-1) ?? 1;
    layer.gamma = { read: () => tf.ones([channels]) };
    try {
      return own.call(layer, inputs, kwargs);
    } finally {
      layer.gamma = before;
    }
  };
}

/** The layer's own cell as the step of a recurrence, instead of one copy of it for each step of the sequence. */
function recurrent(layer: RecurrentLayer, { tf, recurrence }: ModelCall): LayerCall {
  const { cell, goBackwards, returnSequences, returnState, stateful } = layer;
  const sizes = typeof cell.stateSize === 'number' ? [cell.stateSize] : cell.stateSize;
  // tfjs has no gradient for a cut into one part.
  const partsOf = (state: Tensor) => (sizes.length === 1 ? [state] : tf.split(state, [...sizes], 1));
  const joined = (states: Tensor[]) => (states.length === 1 ? (states[0] as Tensor) : tf.concat(states, 1));
  return (inputs, kwargs) => {
    const unsupported = [
      [stateful, 'stateful'],
      [returnState, 'returnState'],
      [isGiven(kwargs.mask), 'a mask'],
      [isGiven(kwargs.initialState) || Array.isArray(inputs), 'an initial state'],
      [(cell.dropout ?? 0) > 0 || (cell.recurrentDropout ?? 0) > 0, 'dropout inside of the cell'],
    ].find(([present]) => present);
    if (unsupported !== undefined) {
      throw new FedxError(
        'FEDX_COMPILE_UNSUPPORTED_OP',
        `The layer ${layer.name} (${layer.getClassName()}) cannot be compiled with ${String(unsupported[1])}.`,
      );
    }
    const byStep = tf.transpose(only(inputs), [1, 0, 2]);
    const [length = 0, batch = 0] = byStep.shape;
    const states = recurrence({
      step: (state, input, weights) =>
        withValues(cell.weights, weights, () => joined(stepOf(layer, input, partsOf(state), kwargs))),
      initial: tf.zeros([batch, sizes.reduce((sum, size) => sum + size, 0)]),
      inputs: goBackwards ? tf.reverse(byStep, 0) : byStep,
      weights: Object.fromEntries(cell.weights.map((weight, i) => [String(i), weight.read()])),
    });
    // A cell's first state is its output.
    const [units = 0] = sizes;
    const outputs = tf.slice(states, [0, 0, 0], [length, batch, units]);
    if (returnSequences) return tf.transpose(outputs, [1, 0, 2]);
    return tf.reshape(tf.slice(outputs, [length - 1, 0, 0], [1, batch, units]), [batch, units]);
  };
}

/** The states after a step of the cell. */
function stepOf({ cell }: RecurrentLayer, input: Tensor, states: readonly Tensor[], kwargs: CallArguments): Tensor[] {
  const [, ...next] = cell.call([input, ...states], kwargs) as readonly Tensor[];
  return next;
}

/** Runs `call` with other values in some weights. */
function withValues<Result>(
  weights: readonly LayerVariable[],
  values: Readonly<Record<string, Tensor>>,
  call: () => Result,
): Result {
  const before = weights.map(({ val }) => val);
  weights.forEach((weight, i) => {
    weight.val = values[String(i)] ?? weight.val;
  });
  try {
    return call();
  } finally {
    weights.forEach((weight, i) => {
      weight.val = before[i] ?? weight.val;
    });
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function only(inputs: Tensor | readonly Tensor[]): Tensor {
  return (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor;
}
