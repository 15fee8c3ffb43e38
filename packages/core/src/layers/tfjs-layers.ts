/** The parts of tfjs's layers that have no public type, as they are in version 4. */
import type { Tensor } from '../contracts/index.js';

/** A weight of a layer. Its value is swapped while a model is traced. */
export interface LayerVariable {
  readonly name: string;
  readonly originalName: string;
  readonly shape: readonly number[];
  readonly constraint: unknown;
  val: Tensor;
  read(): Tensor;
  write(value: Tensor): LayerVariable;
}

export interface Layer {
  readonly name: string;
  readonly weights: readonly LayerVariable[];
  getClassName(): string;
  call(inputs: Tensor | readonly Tensor[], kwargs: CallArguments): Tensor | readonly Tensor[];
  /** Layers inside of this one: of a nested model, a wrapper, a bidirectional layer. */
  readonly layers?: readonly Layer[];
  readonly layer?: Layer;
  readonly forwardLayer?: Layer;
  readonly backwardLayer?: Layer;
}

export interface CallArguments {
  readonly training?: boolean;
  readonly mask?: unknown;
  readonly initialState?: unknown;
}

export interface DropoutLayer extends Layer {
  readonly rate: number;
  readonly noiseShape?: readonly (number | null)[] | null;
}

export interface NormalisationLayer extends Layer {
  readonly scale: boolean;
  gamma?: { read(): Tensor } | null;
}

export interface RecurrentCell extends Layer {
  readonly stateSize: number | readonly number[];
  readonly dropout?: number;
  readonly recurrentDropout?: number;
}

export interface RecurrentLayer extends Layer {
  readonly cell: RecurrentCell;
  readonly goBackwards: boolean;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly stateful: boolean;
}

export interface LayersModel extends Layer {
  readonly layers: readonly Layer[];
  readonly trainableWeights: readonly LayerVariable[];
  readonly outputs: readonly unknown[];
  readonly inputs: readonly { readonly shape: readonly (number | null)[] }[];
  calculateLosses(): readonly Tensor[];
}

/** tfjs leaves some of these parts null. */
function isLayer(part: Layer | null | undefined): part is Layer {
  return part !== undefined && part !== null;
}

/** All layers of a model that do not consist of others, in order. */
export function leavesOf(layer: Layer): readonly Layer[] {
  const inner = [...(layer.layers ?? []), layer.layer, layer.forwardLayer, layer.backwardLayer].filter((part) =>
    isLayer(part),
  );
  return inner.length === 0 ? [layer] : inner.flatMap(leavesOf);
}
