import { create } from '@bufbuild/protobuf';
import { argument, type DataType, node } from './nodes.js';
import { type FunctionDef, FunctionDefSchema } from './proto/saved_model_pb.js';
import { createScope, type Scope } from './scope.js';

/** Where a program's own nodes go, between the inputs and the outputs of a graph. */
export interface Frame {
  readonly scope: Scope;
  /** How the scope calls a value of the graph. */
  enter(value: string, type: DataType): string;
  /** Ends the scope: how the graph calls its results. */
  leave(results: readonly { readonly result: string; readonly type: DataType }[]): readonly string[];
}

/** The graph itself. */
export function inGraph(graph: Scope): Frame {
  return { scope: graph, enter: (value) => value, leave: (results) => results.map(({ result }) => result) };
}

/** A function that the graph calls once and that XLA compiles for `device`, whole. */
export function inFunction(graph: Scope, library: FunctionDef[], device: string): Frame {
  const scope = createScope('function', true);
  const given: { readonly value: string; readonly type: DataType }[] = [];
  return {
    scope,
    enter(value, type) {
      given.push({ value, type });
      return `given${given.length - 1}`;
    },
    leave(results) {
      library.push(
        create(FunctionDefSchema, {
          signature: {
            name: 'program',
            inputArg: given.map(({ type }, i) => argument(`given${i}`, type)),
            outputArg: results.map(({ type }, i) => argument(`result${i}`, type)),
          },
          nodeDef: scope.nodes,
          ret: Object.fromEntries(results.map(({ result }, i) => [`result${i}`, result])),
        }),
      );
      const name = graph.freeName();
      graph.nodes.push(
        node(
          name,
          'StatefulPartitionedCall',
          given.map(({ value }) => value),
          {
            Tin: { types: given.map(({ type }) => type) },
            Tout: { types: results.map(({ type }) => type) },
            f: { function: 'program' },
            _XlaMustCompile: true,
          },
          device,
        ),
      );
      return results.map((_, i) => graph.output(name, 'output', i));
    },
  };
}
