import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { DType, Shape } from '../ir/index.js';
import {
  type AttrValue,
  AttrValueSchema,
  DataType,
  type NodeDef,
  NodeDefSchema,
  type OpDef_ArgDef,
  OpDef_ArgDefSchema,
  type TensorInfo,
  TensorInfoSchema,
  type TensorShapeProto,
  TensorShapeProtoSchema,
} from './proto/saved_model_pb.js';

export { DataType };

/** Our element types as TensorFlow's. */
export const dataTypes: Readonly<Record<DType, DataType>> = {
  float32: DataType.DT_FLOAT,
  int32: DataType.DT_INT32,
  bool: DataType.DT_BOOL,
  uint8: DataType.DT_UINT8,
};

/** An attribute of a node; the type of a tensor is `{ type }`, a function is named. */
export type Attribute =
  | boolean
  | { readonly type: DataType }
  | { readonly types: readonly DataType[] }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string }
  | { readonly shape: Shape }
  | { readonly shapes: readonly Shape[] }
  | { readonly function: string }
  | { readonly tensor: { readonly type: DataType; readonly shape: Shape; readonly content: Uint8Array } };

/** A node of a graph or of a function. */
export function node(
  name: string,
  op: string,
  input: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
  device = '',
): NodeDef {
  return create(NodeDefSchema, {
    name,
    op,
    device,
    input: [...input],
    attr: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, attribute(value)])),
  });
}

function attribute(value: Attribute): AttrValue {
  return create(AttrValueSchema, { value: attributeValue(value) });
}

function attributeValue(value: Attribute): NonNullable<MessageInitShape<typeof AttrValueSchema>['value']> {
  if (typeof value === 'boolean') return { case: 'b', value };
  if ('type' in value) return { case: 'type', value: value.type };
  if ('types' in value) return { case: 'list', value: { type: [...value.types] } };
  if ('int' in value) return { case: 'i', value: BigInt(value.int) };
  if ('ints' in value) return { case: 'list', value: { i: value.ints.map(BigInt) } };
  if ('text' in value) return { case: 's', value: new TextEncoder().encode(value.text) };
  if ('shape' in value) return { case: 'shape', value: shapeProto(value.shape) };
  if ('shapes' in value) return { case: 'list', value: { shape: value.shapes.map(shapeProto) } };
  if ('function' in value) return { case: 'func', value: { name: value.function } };
  const { type, shape, content } = value.tensor;
  return { case: 'tensor', value: { dtype: type, tensorShape: shapeProto(shape), tensorContent: content } };
}

/** A shape; -1 is an axis whose size a call decides. */
function shapeProto(shape: Shape): TensorShapeProto {
  return create(TensorShapeProtoSchema, { dim: shape.map((size) => ({ size: BigInt(size) })) });
}

/** An argument or result of a function. */
export function argument(name: string, type: DataType): OpDef_ArgDef {
  return create(OpDef_ArgDefSchema, { name, type });
}

/** An input or output of a signature. */
export function tensorInfo(name: string, type: DataType, shape: Shape): TensorInfo {
  return create(TensorInfoSchema, { name, dtype: type, tensorShape: shapeProto(shape) });
}
