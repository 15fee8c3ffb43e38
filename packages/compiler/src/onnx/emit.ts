import { type Graph, topologicalOrder, type Value, type ValueOf } from '../ir/index.js';
import { type Emitter, elementTypes, lower } from './lowerings.js';
import { DataType, int64Tensor, node, tensor } from './nodes.js';
import type { NodeProto, TensorProto } from './proto/onnx_pb.js';

/** Constants of a model, each kept once. */
export interface Constants {
  /** Name of the constant of this key, made where it is new. */
  readonly named: (key: string, make: (name: string) => TensorProto) => string;
  readonly initializers: TensorProto[];
}

export function createConstants(): Constants {
  const names = new Map<string, string>();
  const initializers: TensorProto[] = [];
  return {
    initializers,
    named(key, make) {
      const name = names.get(key) ?? `c${names.size}`;
      if (!names.has(key)) {
        names.set(key, name);
        initializers.push(make(name));
      }
      return name;
    },
  };
}

/** An emitter that appends to `nodes`; `scope` keeps names of different node lists apart. */
export function createEmitter(nodes: NodeProto[], constants: Constants, scope: string): Emitter {
  return {
    emit: (opType, inputs, attributes = {}, domain = '') => {
      const name = `${scope}${nodes.length}`;
      nodes.push(node(opType, inputs, [name], attributes, domain));
      return name;
    },
    int64: (values) => constants.named(`int64 ${values.join()}`, (name) => int64Tensor(name, values)),
    float32: (values, dims) =>
      constants.named(`float32 ${dims.join()} ${values.join()}`, (name) =>
        tensor(name, DataType.FLOAT, dims, bytesOf(values)),
      ),
  };
}

/** Lowers every value of `graph`; returns the name of each. */
export function emitGraph(
  graph: Graph,
  constants: Constants,
  inputName: (input: ValueOf<'input'>) => string,
  emitterFor: (value: Value) => Emitter,
): Map<Value, string> {
  const names = new Map<Value, string>();
  for (const value of topologicalOrder(graph)) {
    if (value.op === 'input') names.set(value, inputName(value));
    else if (value.op === 'constant')
      names.set(
        value,
        constants.named(`constant ${value.id}`, (name) => constantTensor(name, value)),
      );
    else {
      const inputs = value.operands.map((operand) => names.get(operand) ?? '');
      names.set(value, lower(value, inputs, emitterFor(value)));
    }
  }
  return names;
}

function constantTensor(name: string, value: ValueOf<'constant'>): TensorProto {
  const { data } = value.attributes;
  if (value.dtype === 'bool') return tensor(name, DataType.BOOL, value.shape, Uint8Array.from(data));
  return tensor(name, elementTypes[value.dtype], value.shape, bytesOf(data));
}

export function bytesOf(data: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
