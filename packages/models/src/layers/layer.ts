import { FedxError, type Initialiser, type Model, type ModelCall, type ModelShape, type Tensor } from '@fedx/core';

/** A parameter of a layer: its shape and how it starts. */
export interface LayerParameter {
  readonly shape: readonly number[];
  readonly initialiser: Initialiser;
}

/** A layer: parameters by name, and a traced function of them. */
export interface Layer {
  readonly parameters: Readonly<Record<string, LayerParameter>>;
  apply(x: Tensor, call: ModelCall): Tensor;
}

/** A layer without parameters. */
export function stateless(apply: (x: Tensor, call: ModelCall) => Tensor): Layer {
  return { parameters: {}, apply };
}

/** One layer after the other. */
export function sequence(layers: readonly Layer[]): Layer {
  return {
    parameters: Object.assign({}, ...layers.map(({ parameters }) => parameters)) as Layer['parameters'],
    apply: (x, call) => layers.reduce((value, layer) => layer.apply(value, call), x),
  };
}

/**
 * A model whose features come from `body` and whose logits from `head`. Each parameter has a stream of its own name. A body
 * that learns nothing gives no features: they would be the input.
 */
export function modelOf(body: Layer, head: Layer): Model {
  const isLearnt = Object.keys(body.parameters).length > 0;
  const parameters = Object.entries({ ...body.parameters, ...head.parameters });
  return {
    init: (random) =>
      Object.fromEntries(
        parameters.map(([name, { shape, initialiser }]) => [name, initialiser(random.at(name), shape)]),
      ),
    apply(call) {
      const features = body.apply(call.inputs, call);
      return { logits: head.apply(features, call), ...(isLearnt && { features }) };
    },
  };
}

/** The parameter of a name; the runtime gives a model what its `init` made. */
export function parameterOf({ parameters }: ModelCall, name: string): Tensor {
  const parameter = parameters[name];
  if (parameter !== undefined) return parameter;
  throw new FedxError('FEDX_PLUGIN_FAILED', `There is no parameter ${name}.`);
}

/** Height, width and channels of the images that a model is for. Throws FEDX_MODEL_SHAPE for anything else. */
export function imageShape(
  model: string,
  { inputShape }: ModelShape,
  smallest: number,
): { readonly height: number; readonly width: number; readonly channels: number } {
  const [height = 0, width = 0, channels = 0] = inputShape;
  if (inputShape.length === 3 && height >= smallest && width >= smallest) return { height, width, channels };
  throw new FedxError(
    'FEDX_MODEL_SHAPE',
    `The model ${model} is for images of at least ${smallest} x ${smallest} pixels, but an example has shape [${inputShape.join(', ')}].`,
    { place: { plugin: model } },
  );
}
