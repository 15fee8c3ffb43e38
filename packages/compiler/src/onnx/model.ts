import type { Attribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './nodes.js';
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
} from './proto/onnx_pb.js';
import { createWire, type Wire } from './wire.js';

const OPERATOR_SET = 17;
const IR_VERSION = 9;

/** A graph as the bytes of a model file. The numbers of fields are those of proto/onnx.proto, in whose order they are written. */
export function encodeModel(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  const wire = createWire();
  const { int, text, message } = wire;
  int(1, IR_VERSION);
  text(2, 'fedx');
  message(7, () => writeGraph(wire, graph));
  for (const [domain, version] of [
    ['', OPERATOR_SET],
    ['com.microsoft', 1],
  ] as const) {
    message(8, () => {
      text(1, domain);
      int(2, version);
    });
  }
  return wire.finish();
}

/** GraphProto */
function writeGraph(wire: Wire, { name, nodes, initializers = [], inputs, outputs }: OnnxGraph): void {
  const { text, message } = wire;
  for (const node of nodes) message(1, () => writeNode(wire, node));
  text(2, name);
  for (const tensor of initializers) message(5, () => writeTensor(wire, tensor));
  for (const input of inputs) message(11, () => writeValue(wire, input));
  for (const output of outputs) message(12, () => writeValue(wire, output));
}

/** NodeProto */
function writeNode(wire: Wire, { opType, domain, inputs, outputs, attributes }: OnnxNode): void {
  const { text, message } = wire;
  for (const input of inputs) text(1, input);
  for (const output of outputs) text(2, output);
  text(4, opType);
  for (const [name, value] of Object.entries(attributes)) message(5, () => writeAttribute(wire, name, value));
  text(7, domain);
}

/** AttributeProto */
function writeAttribute(wire: Wire, name: string, value: Attribute): void {
  const { int, float, text, message } = wire;
  text(1, name);
  if (typeof value === 'number') int(3, value);
  else if (typeof value === 'string') text(4, value);
  else if ('float' in value) float(2, value.float);
  else if ('graph' in value) message(6, () => writeGraph(wire, value.graph));
  else for (const one of value) int(8, one);
  int(20, attributeType(value));
}

function attributeType(value: Attribute): AttributeType {
  if (typeof value === 'number') return AttributeType.INT;
  if (typeof value === 'string') return AttributeType.STRING;
  if ('float' in value) return AttributeType.FLOAT;
  return 'graph' in value ? AttributeType.GRAPH : AttributeType.INTS;
}

/** TensorProto */
function writeTensor({ int, text, bytes, message }: Wire, { name, dataType, dims, content }: OnnxTensor): void {
  for (const axis of dims) int(1, axis);
  int(2, dataType);
  text(8, name);
  if (content instanceof Uint8Array) {
    bytes(9, content);
    return;
  }
  const { file, offset, length } = content;
  for (const [key, value] of Object.entries({ location: file, offset, length })) {
    message(13, () => {
      text(1, key);
      text(2, String(value));
    });
  }
  int(14, DataLocation.EXTERNAL);
}

/** ValueInfoProto, TypeProto.Tensor and TensorShapeProto */
function writeValue({ int, text, message }: Wire, { name, elemType, shape }: OnnxValue): void {
  const writeShape = (axes: readonly (number | string)[]) => (): void => {
    for (const axis of axes) message(1, () => (typeof axis === 'string' ? text(2, axis) : int(1, axis)));
  };
  const writeType = (): void => {
    int(1, elemType);
    if (shape !== undefined) message(2, writeShape(shape));
  };
  text(1, name);
  message(2, () => message(1, writeType));
}
