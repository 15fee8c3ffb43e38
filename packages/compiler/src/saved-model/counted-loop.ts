import { create } from '@bufbuild/protobuf';
import type { DType, Shape } from '../ir/index.js';
import { argument, DataType, dataTypes, node } from './nodes.js';
import { type FunctionDef, FunctionDefSchema } from './proto/saved_model_pb.js';
import { createScope, type Scope } from './scope.js';

/** A value that goes round: its start outside of the loop, and what an iteration makes of it. */
export interface LoopVariable {
  /** Within the loop. */
  readonly name: string;
  readonly type: DataType;
  readonly shape: Shape;
  readonly initial: string;
  /** At first `name`: a variable stays as it is. */
  next: string;
}

/** A loop of a number of iterations that is known before it. */
export interface CountedLoop {
  readonly inner: Scope;
  /** Of the iteration, from 0: int32. */
  readonly index: string;
  variable(type: DataType, shape: Shape, initial: string): LoopVariable;
  /** Keeps a value of every iteration: at `index`, default its number. */
  collect(dtype: DType, shape: Shape, value: string, index?: string): LoopVariable;
  /** Ends the loop and says how the scope around it calls a variable's end. */
  finish(): (variable: LoopVariable) => string;
  /** All that was collected, `[iterations, …]`; after `finish`. */
  collected(list: LoopVariable, dtype: DType, shape: Shape): string;
}

const INT32 = { type: DataType.DT_INT32 } as const;

/** Opens a loop in the scope `around`; its two functions go to `library` when it is finished. */
export function openCountedLoop(
  around: Scope,
  library: FunctionDef[],
  /** int32, of what is collected: at least as many places as there are iterations. */
  { iterations, places = iterations }: { readonly iterations: string; readonly places?: string },
): CountedLoop {
  const inner = createScope('function', around.compiled);
  const variables: LoopVariable[] = [];
  const variable: CountedLoop['variable'] = (type, shape, initial) => {
    const name = `a${variables.length}`;
    const made = { name, type, shape, initial, next: name };
    variables.push(made);
    return made;
  };
  const index = variable(DataType.DT_INT32, [], around.int32([0], []));
  const end = variable(DataType.DT_INT32, [], iterations);
  index.next = inner.emit('AddV2', [index.name, inner.int32([1], [])], { T: INT32 });
  let resultOf: (loopVariable: LoopVariable) => string = () => '';

  return {
    inner,
    index: index.name,
    variable,
    collect(dtype, shape, value, at = index.name) {
      const element = { element_dtype: { type: dataTypes[dtype] } };
      const reserved = around.emit('TensorListReserve', [around.int32(shape), places], {
        ...element,
        shape_type: INT32,
      });
      const list = variable(DataType.DT_VARIANT, [], reserved);
      list.next = inner.emit('TensorListSetItem', [list.name, at, value], element);
      return list;
    },
    finish() {
      const number = library.length / 2;
      const [condition, step] = [`condition${number}`, `step${number}`];
      const goesOn = createScope('function');
      const less = goesOn.emit('Less', [index.name, end.name], { T: INT32 });
      const inputArg = variables.map(({ name, type }) => argument(name, type));
      library.push(
        create(FunctionDefSchema, {
          signature: { name: condition, inputArg, outputArg: [argument('less', DataType.DT_BOOL)] },
          nodeDef: goesOn.nodes,
          ret: { less },
        }),
        create(FunctionDefSchema, {
          signature: {
            name: step,
            inputArg,
            outputArg: variables.map(({ name, type }) => argument(`next_${name}`, type)),
          },
          nodeDef: inner.nodes,
          ret: Object.fromEntries(variables.map(({ name, next }) => [`next_${name}`, next])),
        }),
      );
      const name = around.freeName();
      const initial = variables.map((one) => one.initial);
      around.nodes.push(
        node(name, 'StatelessWhile', initial, {
          T: { types: variables.map(({ type }) => type) },
          cond: { function: condition },
          body: { function: step },
          output_shapes: { shapes: variables.map(({ shape }) => shape) },
          parallel_iterations: { int: 1 },
          // Run by the executor itself; a call of a function for each iteration takes longer and gives other bits.
          _lower_using_switch_merge: !around.compiled,
        }),
      );
      resultOf = (loopVariable) => around.output(name, 'output', variables.indexOf(loopVariable));
      return resultOf;
    },
    collected: (list, dtype, shape) =>
      around.emit('TensorListStack', [resultOf(list), around.int32(shape)], {
        element_dtype: { type: dataTypes[dtype] },
      }),
  };
}
