import { TensorProto_DataType as DataType } from './proto/onnx_pb.js';

export { DataType };

/** As an end of a slice: down to the first element, and that one too. */
export const BEFORE_ALL = -(2 ** 31);
/** The domain of what ONNX Runtime has beside the standard. */
export const MICROSOFT = 'com.microsoft';

/** Plain numbers are integers, `{ float }` a float number. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly graph: OnnxGraph };

export interface OnnxNode {
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A constant: its bytes, or a file beside the program that holds them, which the runtime maps into memory. */
export interface OnnxTensor {
  readonly name: string;
  readonly dataType: DataType;
  readonly dims: readonly number[];
  readonly content: Uint8Array | { readonly file: string; readonly offset: number; readonly length: number };
}

/** The type of an input or output; a string is a symbolic axis, no shape is any shape. */
export interface OnnxValue {
  readonly name: string;
  readonly elemType: DataType;
  readonly shape: readonly (number | string)[] | undefined;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  /** Default: none. */
  readonly initializers?: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: OnnxNode['attributes'] = {},
  domain = '',
): OnnxNode {
  return { opType, domain, inputs, outputs, attributes };
}

export function tensor(
  name: string,
  dataType: DataType,
  dims: readonly number[],
  content: OnnxTensor['content'],
): OnnxTensor {
  return { name, dataType, dims, content };
}

export function int64Tensor(
  name: string,
  values: readonly number[],
  dims: readonly number[] = [values.length],
): OnnxTensor {
  return tensor(name, DataType.INT64, dims, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
}

export function valueInfo(name: string, elemType: DataType, shape?: readonly (number | string)[]): OnnxValue {
  return { name, elemType, shape };
}
