import { bytesOf, type Graph, topologicalOrder, type Value, type ValueOf } from '../ir/index.js';
import { type Emitter, elementTypes, lower } from './lowerings.js';
import {
  DataType,
  int64Tensor,
  node,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  tensor,
  valueInfo,
} from './nodes.js';

/** Constants of a model, each kept once. */
export interface Constants {
  /** Name of the constant of this key, made where it is new. */
  readonly named: (key: string, make: (name: string) => OnnxTensor) => string;
  readonly initializers: OnnxTensor[];
}

export function createConstants(): Constants {
  const names = new Map<string, string>();
  const initializers: OnnxTensor[] = [];
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

/** An emitter that can also open a scope for the nodes of a subgraph. */
export interface ScopedEmitter extends Emitter {
  nested(name: string, nodes: OnnxNode[]): ScopedEmitter;
  push(node: OnnxNode): void;
  /** A name that is free. */
  next(): string;
}

/** An emitter that appends to `nodes`; `scope` keeps names of different node lists apart. */
export function createEmitter(nodes: OnnxNode[], constants: Constants, scope: string): ScopedEmitter {
  return {
    nested: (name, inner) => createEmitter(inner, constants, `${scope}${name}/`),
    push: (one) => nodes.push(one),
    next: () => `${scope}${nodes.length}`,
    emit: (opType, inputs, attributes = {}, domain = '') => {
      const name = `${scope}${nodes.length}`;
      nodes.push(node(opType, inputs, [name], attributes, domain));
      return name;
    },
    int64: (values) => constants.named(`int64 ${values.join()}`, (name) => int64Tensor(name, values)),
    constant: (values, dims) => {
      const type = values instanceof Int32Array ? DataType.INT32 : DataType.FLOAT;
      return constants.named(`${type} ${dims.join()} ${values.join()}`, (name) =>
        tensor(name, type, dims, bytesOf(values)),
      );
    },
  };
}

/** Changes what an operation emits, within scans as well. */
export type Adapt = (emitter: ScopedEmitter, value: Value) => ScopedEmitter;

/** Lowers every value of `graph`; returns the name of each. */
export function emitGraph(
  graph: Graph,
  constants: Constants,
  inputName: (input: ValueOf<'input'>) => string,
  emitterFor: (value: Value) => ScopedEmitter,
  adapt: Adapt = (emitter) => emitter,
  scope = '',
): Map<Value, string> {
  const names = new Map<Value, string>();
  for (const value of topologicalOrder(graph)) {
    if (value.op === 'input') names.set(value, inputName(value));
    else if (value.op === 'constant')
      names.set(
        value,
        constants.named(`constant ${scope}${value.id}`, (name) => constantTensor(name, value)),
      );
    else {
      const inputs = value.operands.map((operand) => names.get(operand) ?? '');
      const emitter = adapt(emitterFor(value), value);
      names.set(
        value,
        value.op === 'scan' ? emitScan(value, inputs, constants, emitter, adapt) : lower(value, inputs, emitter),
      );
    }
  }
  return names;
}

/** A Scan node. What does not change from step to step is taken from the graph around it. */
function emitScan(
  { attributes: { body, cut, reverse } }: ValueOf<'scan'>,
  [initial = '', ...inputs]: readonly string[],
  constants: Constants,
  emitter: ScopedEmitter,
  adapt: Adapt,
): string {
  const name = emitter.next();
  const nodes: OnnxNode[] = [];
  const inner = emitter.nested(name, nodes);
  const own = (input: string): string => `${name}/${input}`;
  const names = emitGraph(
    body.graph,
    constants,
    ({ attributes }) => {
      const [kind, index] = attributes.name.split('/');
      return kind === 'outer' ? (inputs[cut + Number(index)] ?? '') : own(attributes.name);
    },
    () => inner,
    adapt,
    own(''),
  );
  const next = names.get(body.graph.state) ?? '';
  // Shapes follow from the operands; a batch may be free in them.
  const typed = (input: string): OnnxValue => valueInfo(own(input), DataType.FLOAT);
  // A step that does not look at the state before needs none.
  const states = topologicalOrder(body.graph).some(isState) ? ['state'] : [];
  const ends = states.map(() => 'next');
  for (const output of [...ends, 'all']) nodes.push(node('Identity', [next], [own(output)]));
  const graph = {
    name,
    nodes,
    inputs: [...states, ...Array.from({ length: cut }, (_, i) => `cut/${i}`)].map(typed),
    outputs: [...ends, 'all'].map(typed),
  };
  emitter.push(
    node('Scan', [...states.map(() => initial), ...inputs.slice(0, cut)], [...ends.map(() => own('last')), name], {
      body: { graph },
      num_scan_inputs: cut,
      scan_input_directions: new Array<number>(cut).fill(Number(reverse)),
      scan_output_directions: [Number(reverse)],
    }),
  );
  return name;
}

function isState(value: Value): boolean {
  return value.op === 'input' && value.attributes.name === 'state';
}

function constantTensor(name: string, value: ValueOf<'constant'>): OnnxTensor {
  const { data } = value.attributes;
  if (value.dtype === 'bool') return tensor(name, DataType.BOOL, value.shape, Uint8Array.from(data));
  return tensor(name, elementTypes[value.dtype], value.shape, bytesOf(data));
}
