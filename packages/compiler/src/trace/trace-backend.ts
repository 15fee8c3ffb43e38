import type * as tfjs from '@tensorflow/tfjs';
import { CompileError } from '../compile-error.js';
import {
  type Builder,
  createBuilder,
  type DType,
  OperandShapeError,
  OperandTypeError,
  shapesOf,
  type Value,
} from '../ir/index.js';
import { tf } from '../tfjs.js';
import { instead } from './alternatives.js';
import { registerGradients } from './gradients.js';
import { constantData, type KernelCall, repeatedValue, type Translate } from './kernel-call.js';
import { kernels } from './kernels.js';

const BACKEND = 'fedx-trace';
/** Below every real backend, so that tfjs never chooses this one by itself. */
const PRIORITY = -100;
/** More frames than Node keeps: between the call of an operation and its kernel lie a dozen of tfjs's. */
const DEEPEST_STACK = 100;

interface DataId {
  readonly value: Value;
  /** Of the trace that made the value. */
  readonly builder: Builder;
}

/** A tfjs backend whose kernels compute nothing: they note what was called and answer with a shape. */
class TraceBackend extends tf.KernelBackend {
  builder: Builder = createBuilder();
  /** Values of tensors that were made by other backends and used in the traced function: constants. */
  readonly #captured = new Map<object, Value>();

  override write(values: tfjs.BackendValues, shape: number[], dtype: tfjs.DataType): object {
    return this.#dataId(this.#constant(values, shape, dtype));
  }

  tensorInfo(value: Value): tfjs.TensorInfo {
    return { dataId: this.#dataId(value), shape: [...value.shape], dtype: value.dtype as tfjs.DataType };
  }

  #dataId(value: Value): DataId {
    return { value, builder: this.builder };
  }

  /** tfjs writes ones and zeros of any shape all the time; one number, broadcast, says the same. */
  #constant(values: tfjs.BackendValues, shape: number[], dtype: tfjs.DataType): Value {
    const type = dtype as DType;
    const repeated = repeatedValue(values, dtype);
    if (repeated === undefined) return this.builder.constant(constantData(values, dtype), shape, type);
    return this.builder.make('broadcast', [this.builder.constant(repeated, [], type)], { shape });
  }

  /** What a tensor stands for. A tensor of another backend is read, once and where it is: it becomes a constant. */
  lookUp({ dataId, shape, dtype }: tfjs.TensorInfo): Value {
    const { value, builder } = dataId as Partial<DataId>;
    if (value === undefined) {
      const captured = this.#captured.get(dataId) ?? this.#constant(tf.engine().readSync(dataId), shape, dtype);
      this.#captured.set(dataId, captured);
      return captured;
    }
    if (builder === this.builder) return value;
    throw new CompileError(
      'COMPILE_IMPURE',
      'A traced function uses a tensor that it made when it was called before. Make it anew in each call.',
    );
  }

  override readSync(dataId: object): tfjs.BackendValues {
    const { value } = dataId as DataId;
    if (value.op === 'constant') return value.attributes.data;
    throw new CompileError(
      'COMPILE_IMPURE',
      'A traced function reads the value of a tensor, which has none yet. Use tf.where instead of an if, and leave out dataSync, array and print.',
    );
  }

  override read(dataId: object): Promise<tfjs.BackendValues> {
    return Promise.resolve(this.readSync(dataId));
  }

  override numDataIds(): number {
    return 0;
  }

  override disposeData(): boolean {
    return true;
  }

  override incRef(): void {
    // Values are garbage collected with the graph.
  }

  decRef(): void {
    // Values are garbage collected with the graph.
  }

  override refCount(): number {
    return 1;
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.#captured.clear();
  }
}

let registered: TraceBackend | undefined;

function traceBackend(): TraceBackend {
  if (registered !== undefined) return registered;
  registerGradients();
  const backend = new TraceBackend();
  tf.registerBackend(BACKEND, () => backend, PRIORITY);
  for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs }) => callKernel(backend, kernelName, inputs, attrs),
    });
  }
  registered = backend;
  return backend;
}

function callKernel(
  backend: TraceBackend,
  kernelName: string,
  inputs: tfjs.NamedTensorInfoMap,
  attributes: tfjs.NamedAttrMap | undefined,
): tfjs.TensorInfo | tfjs.TensorInfo[] {
  const translate = kernels[kernelName];
  if (translate === undefined) {
    throw new CompileError(
      'COMPILE_UNSUPPORTED_OP',
      `The tfjs operation ${kernelName} cannot be compiled: ${instead(kernelName)}.`,
      { op: kernelName },
    );
  }
  const named = new Map<string, Value>();
  for (const [name, info] of Object.entries(inputs)) if (info !== undefined) named.set(name, backend.lookUp(info));
  const value = translated(translate, kernelName, {
    operand: (name) => {
      const operand = named.get(name);
      if (operand === undefined)
        throw new CompileError('COMPILE_INVALID', `${kernelName} lacks its operand ${name}.`, { op: kernelName });
      return operand;
    },
    optional: (name) => named.get(name),
    operands: [...named.values()],
    attributes: attributes ?? {},
    builder: backend.builder,
  });
  return 'op' in value ? backend.tensorInfo(value) : value.map((one) => backend.tensorInfo(one));
}

/**
 * tfjs's kernels take any type and make of it what JavaScript does; engines have kernels for some. What its kernels check of shapes
 * is checked here, by the IR.
 */
function translated(translate: Translate, kernelName: string, call: KernelCall): ReturnType<Translate> {
  try {
    return translate(call);
  } catch (error) {
    if (error instanceof OperandShapeError)
      throw new CompileError(
        'COMPILE_INVALID',
        `The tfjs operation ${kernelName} does not take ${shapesOf(call.operands)}: ${error.needed}.`,
        { op: kernelName },
      );
    if (!(error instanceof OperandTypeError)) throw error;
    const types = call.operands.map(({ dtype }) => dtype).join(' and ');
    throw new CompileError(
      'COMPILE_UNSUPPORTED_OP',
      `The tfjs operation ${kernelName} of ${types} cannot be compiled: cast its operands, as in tf.cast(x, 'float32').`,
      { op: kernelName },
    );
  }
}

/** How a traced function gets its arguments and gives back its results. */
export interface Tracer {
  readonly builder: Builder;
  /** A tensor that stands for `value`. */
  tensor(value: Value): tfjs.Tensor;
  /** The value that `tensor` stands for. */
  value(tensor: tfjs.Tensor): Value;
}

/**
 * Calls `f` with tfjs's kernels replaced by ones that only take notes; tfjs's own autodiff runs as ever.
 * Math.random is refused meanwhile: its numbers would freeze into the program. What is thrown has a stack that reaches `f`.
 */
export function trace<Result>(f: (tracer: Tracer) => Result): Result {
  const backend = traceBackend();
  backend.builder = createBuilder();
  // Undefined before tfjs chose one by itself, whatever its types say.
  const before = (tf.getBackend() as string | undefined) ?? 'cpu';
  const mathRandom = Math.random;
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = DEEPEST_STACK;
  tf.setBackend(BACKEND).catch(() => undefined);
  Math.random = () => {
    throw new CompileError(
      'COMPILE_IMPURE',
      'A traced function calls Math.random, whose number would become a constant.',
    );
  };
  tf.engine().startScope('fedx-trace');
  try {
    return f({
      builder: backend.builder,
      tensor: (value) => tf.engine().makeTensorFromTensorInfo(backend.tensorInfo(value)),
      value: (tensor) => backend.lookUp(tensor),
    });
  } finally {
    tf.engine().endScope();
    Math.random = mathRandom;
    Error.stackTraceLimit = stackTraceLimit;
    backend.dispose();
    tf.setBackend(before).catch(() => undefined);
  }
}
