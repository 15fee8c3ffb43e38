import type * as tfjs from '@tensorflow/tfjs';

/** The tfjs namespace, handed to plugins as an argument so that loading a plugin never loads tfjs. */
export type Tf = typeof tfjs;

/** A tfjs tensor inside a traced function: it has a shape and a dtype, but no values yet. */
export type Tensor = tfjs.Tensor;

/** A rank-4 tensor, such as a batch of images or the kernel of a convolution. */
export type Tensor4D = tfjs.Tensor4D;

/** A rank-0 tensor. */
export type Scalar = tfjs.Scalar;

/** Named tensors inside a traced function, keyed like the {@link Parameters} they stand for. */
export type TensorMap = Readonly<Record<string, Tensor>>;

/** One named float32 tensor outside a traced function; `data` is row-major and holds the product of `shape` values. */
export interface ParameterTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A model's parameters (or anything shaped like them) outside a traced function, in the model's order. */
export type Parameters = Readonly<Record<string, ParameterTensor>>;
