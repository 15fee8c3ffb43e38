import type { Shape } from '../ir/index.js';
import { type Attribute, DataType, node, tensorInfo } from './nodes.js';
import type { SignatureDef } from './proto/saved_model_pb.js';
import type { Scope } from './scope.js';

/** Tables in files, which variables hold from when the model is loaded: a node that maps a file maps it for every call anew. */
export interface MappedTables {
  /** How the graph calls the table that the file, without a header, holds. */
  read(file: string, type: DataType, shape: Shape): string;
  /** What tells TensorFlow to fill the variables. */
  signature(): Readonly<Record<string, Pick<SignatureDef, 'outputs'>>>;
}

/** By this name TensorFlow looks for the node that it runs first. */
const FIRST = '__saved_model_init_op';
/** The kernel that maps files is the processor's, and so is the one that gathers bytes. */
const PROCESSOR = '/device:CPU:0';

export function createMappedTables(graph: Scope): MappedTables {
  const filled: string[] = [];
  const add = (op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>>): string => {
    const name = graph.freeName();
    graph.nodes.push(node(name, op, inputs, attributes, PROCESSOR));
    return name;
  };
  return {
    read(file, type, shape) {
      const dtype = { type };
      const variable = add('VarHandleOp', [], { dtype, shape: { shape }, shared_name: { text: file } });
      const content = add('ImmutableConst', [], { dtype, shape: { shape }, memory_region_name: { text: file } });
      filled.push(add('AssignVariableOp', [variable, content], { dtype }));
      return add('ReadVariableOp', [variable], { dtype });
    },
    signature() {
      if (filled.length === 0) return {};
      const first = add(
        'NoOp',
        filled.map((name) => `^${name}`),
        {},
      );
      return { [FIRST]: { outputs: { [FIRST]: tensorInfo(first, DataType.DT_INVALID, []) } } };
    },
  };
}
