import { create, toBinary } from '@bufbuild/protobuf';
import { CompileError } from '../compile-error.js';
import { inputNames } from '../input-names.js';
import { type DType, type Shape, topologicalOrder, type Value } from '../ir/index.js';
import { type TableSpec, type TracedLoop, tableShape } from '../loop.js';
import { isVariant } from '../variant.js';
import { type CountedLoop, openCountedLoop } from './counted-loop.js';
import { emitValue } from './emit-value.js';
import { equalStrides } from './equal-strides.js';
import { expandWindows } from './expand-windows.js';
import { inFunction, inGraph } from './frame.js';
import { createMappedTables, type MappedTables } from './mapped-tables.js';
import { DataType, dataTypes, tensorInfo } from './nodes.js';
import { type FunctionDef, SavedModelSchema, type TensorInfo } from './proto/saved_model_pb.js';
import { createScope, type Scope } from './scope.js';

/** A loop as TensorFlow loads it. */
export interface SavedModel {
  /** The content of `saved_model.pb`; there are no files of variables. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `<node>:0` of every input and output, by the names that {@link toOnnx} gives them: the signature's content. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** How XLA compiles a loop, whole. */
export interface XlaOptions {
  /** What for, such as `/device:GPU:0`. */
  readonly device: string;
  /** Whether its memory has the tables: steps gather their batches. Else those of all steps are gathered before. */
  readonly hasTables: boolean;
}

/** How many steps of its rows a program compiled by XLA does: an int32 scalar. */
export const STEP_COUNT = 'step-count';

const SCHEMA_VERSION = 1n;
/** The graph's own version, TensorFlow 2.9's: later ones read it, and 2.9 is the oldest that a binding brings. */
const PRODUCER = 1087;
const INT32 = { type: DataType.DT_INT32 } as const;

/**
 * The loop as a TensorFlow SavedModel with one functional While: a call runs as many steps as `rows` has. Signature
 * `serving_default`, tag `serve`, inputs and outputs as of {@link toOnnx}, but for those that no step uses. A table in a
 * file is mapped from the working directory of the process, when the model is loaded. Throws COMPILE_INVALID where such a
 * file has a header.
 *
 * With `xla` the loop is compiled, once for each length of `rows`; so that calls of one length do different numbers of steps,
 * the input {@link STEP_COUNT} says how many of the rows' steps are done.
 */
export function toSavedModel(
  { definition, draws, body: traced }: TracedLoop,
  { xla }: { readonly xla?: XlaOptions | undefined } = {},
): SavedModel {
  const { batchSize, tables, carried, constants } = definition;
  const body = xla === undefined ? equalStrides(traced) : expandWindows(equalStrides(traced));
  const graph = createScope('graph');
  const library: FunctionDef[] = [];
  const inputs = new Map<string, TensorInfo>();
  const { scope, enter, leave } = xla === undefined ? inGraph(graph) : inFunction(graph, library, xla.device);
  const place = (name: string, dtype: DType, shape: Shape): string => {
    const type = dataTypes[dtype];
    const placed = graph.named(`in${inputs.size}`, 'Placeholder', [], { dtype: { type }, shape: { shape } });
    inputs.set(name, tensorInfo(`${placed}:0`, type, shape));
    return placed;
  };
  const placeholder = (name: string, dtype: DType, shape: Shape): string =>
    enter(place(name, dtype, shape), dataTypes[dtype]);
  const rowsInGraph = place('rows', 'int32', [-1, batchSize]);
  const rows = enter(rowsInGraph, DataType.DT_INT32);
  const places = lengthOf(rows, scope);
  const iterations = xla === undefined ? places : placeholder(STEP_COUNT, 'int32', []);
  const loop = openCountedLoop(scope, library, { iterations, places });

  /** The part of an input `[steps, …]` that belongs to the step. */
  const ofStep = (all: string, dtype: DType, shape: Shape): string => {
    const { name, type } = loop.variable(dataTypes[dtype], [-1, ...shape], all);
    return gather(loop.inner, name, loop.index, type);
  };
  const changing = new Map<string, string>([[inputNames.rows, ofStep(rows, 'int32', [batchSize])]]);
  changing.set(inputNames.weights, ofStep(placeholder('weights', 'float32', [-1, batchSize]), 'float32', [batchSize]));
  if (uses(body, inputNames.step))
    changing.set(inputNames.step, ofStep(placeholder('step-numbers', 'float32', [-1]), 'float32', []));
  for (const name of definition.perStep.map(inputNames.perStep))
    changing.set(name, ofStep(placeholder(name, 'float32', [-1]), 'float32', []));
  if (draws > 0) {
    const keys = ofStep(placeholder('keys', 'int32', [-1, 2 * draws]), 'int32', [2 * draws]);
    for (let key = 0; key < 2 * draws; key++) changing.set(inputNames.key(key), entry(loop.inner, keys, key));
  }
  const carriedVariables = carried.map(({ name, shape }) => {
    const input = inputNames.carried(name);
    const made = loop.variable(DataType.DT_FLOAT, shape, placeholder(input, 'float32', shape));
    changing.set(input, made.name);
    return { input, made };
  });
  const standing = new Map<string, string>();
  const batches = new Map<string, string>();
  const mapped = createMappedTables(graph);
  for (const table of tables) {
    const { name, rows: count, rowShape, stored = 'uint8' } = table;
    const whole = emitTable(table, graph, mapped);
    const type = dataTypes[stored];
    if (xla?.hasTables !== false) standing.set(inputNames.table(name), enter(whole, type));
    else {
      const gathered = gather(graph, whole, rowsInGraph, type);
      const shape = [batchSize, ...tableShape(count, rowShape).slice(1)];
      batches.set(inputNames.table(name), ofStep(enter(gathered, type), stored, shape));
    }
  }
  for (const { name, shape } of constants) {
    const input = inputNames.constant(name);
    standing.set(input, placeholder(input, 'float32', shape));
  }

  const inLoop = emitBody(body, { scope, loop, library, changing, standing, batches });
  for (const { input, made } of carriedVariables) made.next = inLoop(body[input]);
  const stacked = Object.entries(body).flatMap(([name, value]) =>
    name.startsWith('stacked/') ? [{ name, value, list: loop.collect(value.dtype, value.shape, inLoop(value)) }] : [],
  );

  const resultOf = loop.finish();
  const results = [
    ...carriedVariables.map(({ input, made }) => ({
      name: input,
      type: made.type,
      shape: made.shape,
      result: resultOf(made),
    })),
    ...stacked.map(({ name, value: { dtype, shape }, list }) => ({
      name,
      type: dataTypes[dtype],
      shape: [-1, ...shape],
      result: loop.collected(list, dtype, shape),
    })),
  ];
  const left = leave(results);
  const outputs = new Map<string, TensorInfo>();
  const filling = mapped.signature();
  results.forEach(({ name, type, shape }, i) => {
    const placed = graph.named(`out${i}`, 'Identity', [left[i] ?? ''], { T: { type } });
    outputs.set(`out/${name}`, tensorInfo(`${placed}:0`, type, shape));
  });

  const model = create(SavedModelSchema, {
    savedModelSchemaVersion: SCHEMA_VERSION,
    metaGraphs: [
      {
        metaInfoDef: { tags: ['serve'] },
        graphDef: { node: graph.nodes, versions: { producer: PRODUCER }, library: { function: library } },
        signatureDef: {
          serving_default: {
            inputs: Object.fromEntries(inputs),
            outputs: Object.fromEntries(outputs),
            methodName: 'tensorflow/serving/predict',
          },
          ...filling,
        },
      },
    ],
  });
  return { bytes: toBinary(SavedModelSchema, model), inputs: namesOf(inputs), outputs: namesOf(outputs) };
}

function nameOfInput(value: Value | undefined): string {
  return value?.op === 'input' ? value.attributes.name : '';
}

function namesOf(infos: ReadonlyMap<string, TensorInfo>): Readonly<Record<string, string>> {
  return Object.fromEntries([...infos].map(([name, info]) => [name, info.name]));
}

function uses(body: TracedLoop['body'], input: string): boolean {
  return topologicalOrder(body).some((value) => value.op === 'input' && value.attributes.name === input);
}

/** Size of the first axis. */
function lengthOf(tensor: string, { emit, int32 }: Scope): string {
  const zero = int32([0], []);
  const shape = emit('Shape', [tensor], { T: INT32, out_type: INT32 });
  return emit('GatherV2', [shape, zero, zero], { Tparams: INT32, Tindices: INT32, Taxis: INT32 });
}

/** Entries of the first axis. */
function gather({ emit, int32 }: Scope, name: string, at: string, type: DataType): string {
  return emit('GatherV2', [name, at, int32([0], [])], { Tparams: { type }, Tindices: INT32, Taxis: INT32 });
}

/** Entry `at` of a vector of integers, as a vector. */
function entry({ emit, int32 }: Scope, vector: string, at: number): string {
  return emit('Slice', [vector, int32([at]), int32([1])], { T: INT32, Index: INT32 });
}

/** A table as it is stored: inside the program, or mapped from its file, once for all processes. */
function emitTable(
  { name, rows, rowShape, stored = 'uint8', content }: TableSpec,
  graph: Scope,
  mapped: MappedTables,
): string {
  const shape = tableShape(rows, rowShape);
  if (content instanceof Uint8Array) return graph.constant(stored, shape, content);
  if (content.offset !== 0)
    throw new CompileError('COMPILE_INVALID', `TensorFlow maps whole files; ${name} begins at ${content.offset}.`);
  return mapped.read(content.file, dataTypes[stored], shape);
}

interface Surroundings {
  /** Around the loop. */
  readonly scope: Scope;
  readonly loop: CountedLoop;
  readonly library: FunctionDef[];
  /** By the name of the body's input: what it is within the loop. */
  readonly changing: ReadonlyMap<string, string>;
  /** The same of those that do not change, before the loop. */
  readonly standing: ReadonlyMap<string, string>;
  /** The step's batches, by the names of tables that are gathered before the loop. */
  readonly batches: ReadonlyMap<string, string>;
}

/**
 * Lowers what changes from step to step into the loop and the rest before it. Returns how the loop calls a value; what
 * was computed before becomes a variable that stays as it is.
 */
function emitBody(
  body: TracedLoop['body'],
  { scope, loop, library, changing, standing, batches }: Surroundings,
): (value: Value | undefined) => string {
  const { inner } = loop;
  const before = new Map<Value, string>();
  const within = new Map<Value, string>();
  const outside = (value: Value): string =>
    value.op === 'constant' ? scope.constantOf(value) : (before.get(value) ?? '');
  const inside = (value: Value): string => {
    if (value.op === 'constant') return inner.constantOf(value);
    const known = within.get(value);
    if (known !== undefined) return known;
    const { name } = loop.variable(dataTypes[value.dtype], value.shape, outside(value));
    within.set(value, name);
    return name;
  };

  for (const value of topologicalOrder(body)) {
    if (value.op === 'constant') continue;
    const changes = isVariant(value);
    const names = changes ? within : before;
    if (value.op === 'input') {
      const { name } = value.attributes;
      names.set(value, changing.get(name) ?? standing.get(name) ?? '');
    } else {
      const batch = value.op === 'gather' ? batches.get(nameOfInput(value.operands[0])) : undefined;
      const emitted = (): string =>
        emitValue(value, value.operands.map(changes ? inside : outside), changes ? inner : scope, library);
      names.set(value, batch ?? emitted());
    }
  }
  return (value) => {
    if (value === undefined) throw new CompileError('COMPILE_INVALID', 'A carried value has no result.');
    return inside(value);
  };
}
