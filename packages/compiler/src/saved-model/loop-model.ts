import { create, toBinary } from '@bufbuild/protobuf';
import { CompileError } from '../compile-error.js';
import { type DType, type Shape, topologicalOrder, type Value, type ValueOf } from '../ir/index.js';
import { inputNames, type TableSpec, type TracedLoop, tableShape } from '../loop.js';
import { variantValues } from '../variant-values.js';
import { lower } from './lowerings.js';
import { argument, DataType, dataTypes, node, tensorInfo } from './nodes.js';
import { FunctionDefSchema, SavedModelSchema, type TensorInfo } from './proto/saved_model_pb.js';
import { createScope, type Scope } from './scope.js';

/** A loop as TensorFlow loads it. */
export interface SavedModel {
  /** The content of `saved_model.pb`; there are no variables. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `<node>:0` of every input and output, by the names that {@link toOnnx} gives them: the signature's content. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** A variable of the loop: its start outside, and what becomes of it inside. */
interface LoopVariable {
  readonly name: string;
  readonly type: DataType;
  readonly shape: Shape;
  readonly initial: string;
  next: string;
}

const SCHEMA_VERSION = 1n;
/** The graph's own version, TensorFlow 2.9's: later ones read it, and 2.9 is the oldest that a binding brings. */
const PRODUCER = 1087;
const INT32 = { type: DataType.DT_INT32 } as const;

/**
 * The loop as a TensorFlow SavedModel with one functional While: a call runs as many steps as `rows` has. Signature
 * `serving_default`, tag `serve`, inputs and outputs as of {@link toOnnx}. A table in a file is mapped from the working
 * directory of the process. Throws COMPILE_INVALID where such a file has a header.
 */
export function toSavedModel({ definition, body }: TracedLoop): SavedModel {
  const { batchSize, tables, carried, constants } = definition;
  const [graph, inner] = [createScope('graph'), createScope('function')];
  const inputs = new Map<string, TensorInfo>();
  const placeholder = (name: string, dtype: DType, shape: Shape): string => {
    const type = dataTypes[dtype];
    const placed = graph.named(`in${inputs.size}`, 'Placeholder', [], { dtype: { type }, shape: { shape } });
    inputs.set(name, tensorInfo(`${placed}:0`, type, shape));
    return placed;
  };

  const variables: LoopVariable[] = [];
  const variable = (type: DataType, shape: Shape, initial: string): LoopVariable => {
    const name = `a${variables.length}`;
    const made = { name, type, shape, initial, next: name };
    variables.push(made);
    return made;
  };
  const rows = placeholder('rows', 'int32', [-1, batchSize]);
  const weights = placeholder('weights', 'float32', [-1, batchSize]);
  const zero = graph.int32([0], []);
  const count = graph.emit('GatherV2', [graph.emit('Shape', [rows], { T: INT32, out_type: INT32 }), zero, zero], {
    Tparams: INT32,
    Tindices: INT32,
    Taxis: INT32,
  });
  const step = variable(DataType.DT_INT32, [], zero);
  const steps = variable(DataType.DT_INT32, [], count);
  const allRows = variable(DataType.DT_INT32, [-1, batchSize], rows);
  const allWeights = variable(DataType.DT_FLOAT, [-1, batchSize], weights);
  step.next = inner.emit('AddV2', [step.name, inner.int32([1], [])], { T: INT32 });
  const ofStep = ({ name, type }: LoopVariable): string =>
    inner.emit('GatherV2', [name, step.name, inner.int32([0], [])], {
      Tparams: { type },
      Tindices: INT32,
      Taxis: INT32,
    });

  // By the name of the body's input: what it is within the loop, or, where it does not change, before it.
  const changing = new Map<string, string>([
    [inputNames.rows, ofStep(allRows)],
    [inputNames.weights, ofStep(allWeights)],
  ]);
  const standing = new Map(tables.map((table) => [inputNames.table(table.name), emitTable(table, graph)]));
  for (const { name, shape } of constants) {
    const input = inputNames.constant(name);
    standing.set(input, placeholder(input, 'float32', shape));
  }
  const carriedVariables = carried.map(({ name, shape }) => {
    const input = inputNames.carried(name);
    const made = variable(DataType.DT_FLOAT, shape, placeholder(input, 'float32', shape));
    changing.set(input, made.name);
    return { input, made };
  });

  const inLoop = emitBody(body, { graph, inner, changing, standing, variable });
  for (const { input, made } of carriedVariables) made.next = inLoop(body[input]);
  const stacked = Object.entries(body).flatMap(([name, value]) => {
    if (!name.startsWith('stacked/')) return [];
    const type = { type: dataTypes[value.dtype] };
    const list = variable(
      DataType.DT_VARIANT,
      [],
      graph.emit('TensorListReserve', [graph.int32(value.shape), count], { element_dtype: type, shape_type: INT32 }),
    );
    list.next = inner.emit('TensorListSetItem', [list.name, step.name, inLoop(value)], { element_dtype: type });
    return [{ name, value, type, list }];
  });

  graph.nodes.push(
    node(
      'loop',
      'StatelessWhile',
      variables.map(({ initial }) => initial),
      {
        T: { types: variables.map(({ type }) => type) },
        cond: { function: 'condition' },
        body: { function: 'step' },
        output_shapes: { shapes: variables.map(({ shape }) => shape) },
        parallel_iterations: { int: 1 },
        // Run by the executor itself; a call of a function for each step takes longer and gives other bits.
        _lower_using_switch_merge: true,
      },
    ),
  );
  const resultOf = (loopVariable: LoopVariable): string => `loop:${variables.indexOf(loopVariable)}`;
  const outputs = new Map<string, TensorInfo>();
  const output = (name: string, result: string, type: DataType, shape: Shape): void => {
    const placed = graph.named(`out${outputs.size}`, 'Identity', [result], { T: { type } });
    outputs.set(`out/${name}`, tensorInfo(`${placed}:0`, type, shape));
  };
  for (const { input, made } of carriedVariables) output(input, resultOf(made), made.type, made.shape);
  for (const { name, value, type, list } of stacked) {
    const all = graph.emit('TensorListStack', [resultOf(list), graph.int32(value.shape)], { element_dtype: type });
    output(name, all, type.type, [-1, ...value.shape]);
  }

  const goesOn = createScope('function');
  const less = goesOn.emit('Less', [step.name, steps.name], { T: INT32 });
  const types = variables.map(({ name, type }) => argument(name, type));
  const bytes = toBinary(
    SavedModelSchema,
    create(SavedModelSchema, {
      savedModelSchemaVersion: SCHEMA_VERSION,
      metaGraphs: [
        {
          metaInfoDef: { tags: ['serve'] },
          graphDef: {
            node: graph.nodes,
            versions: { producer: PRODUCER },
            library: {
              function: [
                create(FunctionDefSchema, {
                  signature: { name: 'condition', inputArg: types, outputArg: [argument('less', DataType.DT_BOOL)] },
                  nodeDef: goesOn.nodes,
                  ret: { less },
                }),
                create(FunctionDefSchema, {
                  signature: {
                    name: 'step',
                    inputArg: types,
                    outputArg: variables.map(({ name, type }) => argument(`next_${name}`, type)),
                  },
                  nodeDef: inner.nodes,
                  ret: Object.fromEntries(variables.map(({ name, next }) => [`next_${name}`, next])),
                }),
              ],
            },
          },
          signatureDef: {
            serving_default: {
              inputs: Object.fromEntries(inputs),
              outputs: Object.fromEntries(outputs),
              methodName: 'tensorflow/serving/predict',
            },
          },
        },
      ],
    }),
  );
  return { bytes, inputs: namesOf(inputs), outputs: namesOf(outputs) };
}

function namesOf(infos: ReadonlyMap<string, TensorInfo>): Readonly<Record<string, string>> {
  return Object.fromEntries([...infos].map(([name, info]) => [name, info.name]));
}

/** A table as it is read, uint8: inside the program, or mapped from its file, once for all processes. */
function emitTable({ name, rows, rowShape, content }: TableSpec, graph: Scope): string {
  const shape = tableShape(rows, rowShape);
  if (content instanceof Uint8Array) return graph.constant('uint8', shape, content);
  if (content.offset !== 0)
    throw new CompileError('COMPILE_INVALID', `TensorFlow maps whole files; ${name} begins at ${content.offset}.`);
  return graph.emit('ImmutableConst', [], {
    dtype: { type: dataTypes.uint8 },
    shape: { shape },
    memory_region_name: { text: content.file },
  });
}

/**
 * Lowers what changes from step to step into the loop and the rest before it. Returns how the loop calls a value; what
 * was computed before becomes a variable that stays as it is.
 */
function emitBody(
  body: TracedLoop['body'],
  {
    graph,
    inner,
    changing,
    standing,
    variable,
  }: {
    readonly graph: Scope;
    readonly inner: Scope;
    readonly changing: ReadonlyMap<string, string>;
    readonly standing: ReadonlyMap<string, string>;
    readonly variable: (type: DataType, shape: Shape, initial: string) => LoopVariable;
  },
): (value: Value | undefined) => string {
  const variant = variantValues(body);
  const before = new Map<Value, string>();
  const within = new Map<Value, string>();
  const outside = (value: Value): string =>
    value.op === 'constant' ? graph.constantOf(value) : (before.get(value) ?? '');
  const inside = (value: Value): string => {
    if (value.op === 'constant') return inner.constantOf(value);
    const known = within.get(value);
    if (known !== undefined) return known;
    const { name } = variable(dataTypes[value.dtype], value.shape, outside(value));
    within.set(value, name);
    return name;
  };
  const input = ({ attributes: { name } }: ValueOf<'input'>): string => changing.get(name) ?? standing.get(name) ?? '';

  for (const value of topologicalOrder(body)) {
    if (value.op === 'constant') continue;
    const changes = variant.has(value);
    const names = changes ? within : before;
    if (value.op === 'input') names.set(value, input(value));
    else names.set(value, lower(value, value.operands.map(changes ? inside : outside), changes ? inner : graph));
  }
  return (value) => {
    if (value === undefined) throw new CompileError('COMPILE_INVALID', 'A carried value has no result.');
    return inside(value);
  };
}
