import { bytesOf, type DType, type Shape, type ValueOf } from '../ir/index.js';
import { type Attribute, dataTypes, node } from './nodes.js';
import { outputNames, type TensorflowOp } from './operations.js';
import type { NodeDef } from './proto/saved_model_pb.js';

/** Where a lowering puts its nodes; every method answers with how other nodes of the scope call the result. */
export interface Emitter {
  emit(op: TensorflowOp, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
  /** A constant int32 tensor; default: a vector. */
  int32(values: readonly number[], shape?: Shape): string;
  /** A constant float32 tensor; default: a scalar. */
  float32(values: readonly number[], shape?: Shape): string;
}

/** A graph, or the body of a function. */
export interface Scope extends Emitter {
  /** Whether XLA compiles its nodes, instead of an executor running them one by one. */
  readonly compiled: boolean;
  readonly nodes: NodeDef[];
  /** A name that no node of the scope has. */
  freeName(): string;
  /** How other nodes of the scope call an output of an operation that has lists of them. */
  output(node: string, list: string, index: number): string;
  /** As `emit`, with a name that others know. */
  named(
    name: string,
    op: TensorflowOp,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
  ): string;
  constant(dtype: DType, shape: Shape, content: Uint8Array): string;
  /** The constant of the IR, made where this scope has not got it yet. */
  constantOf(value: ValueOf<'constant'>): string;
}

/** An empty scope. Within functions TensorFlow calls a result by the name of the operation's output. */
export function createScope(kind: 'graph' | 'function', compiled = false): Scope {
  const nodes: NodeDef[] = [];
  const constants = new Map<string, string>();
  const named: Scope['named'] = (name, op, inputs, attributes) => {
    nodes.push(node(name, op, inputs, attributes));
    return kind === 'graph' ? name : `${name}:${outputNames[op]}:0`;
  };
  const freeName = (): string => `v${nodes.length}`;
  const emit: Emitter['emit'] = (op, inputs, attributes = {}) => named(freeName(), op, inputs, attributes);
  const constant: Scope['constant'] = (dtype, shape, content) =>
    emit('Const', [], {
      dtype: { type: dataTypes[dtype] },
      value: { tensor: { type: dataTypes[dtype], shape, content } },
    });
  const once = (key: string, make: () => string): string => {
    const name = constants.get(key) ?? make();
    constants.set(key, name);
    return name;
  };
  return {
    compiled,
    nodes,
    freeName,
    output: (name, list, index) => (kind === 'graph' ? `${name}:${index}` : `${name}:${list}:${index}`),
    named,
    emit,
    constant,
    int32: (values, shape = [values.length]) =>
      once(`int32 ${shape.join()} ${values.join()}`, () => constant('int32', shape, bytesOf(Int32Array.from(values)))),
    float32: (values, shape = []) =>
      once(`float32 ${shape.join()} ${values.map((value) => (Object.is(value, -0) ? '-0' : value)).join()}`, () =>
        constant('float32', shape, bytesOf(Float32Array.from(values))),
      ),
    constantOf: ({ id, dtype, shape, attributes: { data } }) =>
      once(`value ${id}`, () =>
        constant(dtype, shape, dtype === 'bool' || dtype === 'uint8' ? Uint8Array.from(data) : bytesOf(data)),
      ),
  };
}
