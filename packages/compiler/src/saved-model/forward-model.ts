import { create, toBinary, toJson } from '@bufbuild/protobuf';
import { CompileError } from '../compile-error.js';
import type { ForwardTrace } from '../forward.js';
import { type FreeIntegers, freeIntegers, pairUp, type Twins } from '../free-batch.js';
import { bytesOf, type Graph, type Shape, topologicalOrder, type Value } from '../ir/index.js';
import { simplifyBesideFactors } from '../passes/simplify.js';
import { unrollScans } from '../passes/unroll-scans.js';
import { equalStrides } from './equal-strides.js';
import { lower } from './lowerings.js';
import { nodeNames } from './node-names.js';
import { DataType, tensorInfo } from './nodes.js';
import type { TensorflowOp } from './operations.js';
import { plainDepthwise } from './plain-depthwise.js';
import { type GraphDef, GraphDefSchema, SavedModelSchema } from './proto/saved_model_pb.js';
import { createScope, type Emitter, type Scope } from './scope.js';

type NamedTensors = Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>;

const SCHEMA_VERSION = 1n;
/** TensorFlow 2.9's: later ones read it. */
const PRODUCER = 1087;
const FLOAT = { type: DataType.DT_FLOAT } as const;
const INT32 = { type: DataType.DT_INT32 } as const;

const preparedForTfjs = (forward: Graph): Graph => simplifyBesideFactors(unrollScans(forward));
/** Beside strides and dilations that only some of its kernels have. */
const preparedForTensorflow = (forward: Graph): Graph =>
  simplifyBesideFactors(plainDepthwise(equalStrides(unrollScans(forward))));

/**
 * A traced forward function with its parameters inside, as TensorFlow's graph: input `inputs`, output `logits`, any batch.
 * Recurrences are unrolled: tfjs runs a graph with a loop only through executeAsync.
 */
function forwardGraph(
  forward: ForwardTrace,
  inputShape: Shape,
  parameters: NamedTensors,
  prepare: (forward: Graph) => Graph,
): GraphDef {
  const body = prepare(forward.graph);
  const twins = pairUp(body, forward.others().map(prepare));
  const scope = createScope('graph');
  const named = nodeNames(Object.keys(parameters));
  const names = new Map<Value, string>();
  for (const value of topologicalOrder(body)) {
    if (value.op === 'scan') throw new CompileError('COMPILE_INVALID', 'A recurrence was not unrolled.');
    if (value.op === 'constant') names.set(value, scope.constantOf(value));
    else if (value.op === 'input')
      names.set(value, inputOf(value.attributes.name, scope, inputShape, parameters, named));
    else {
      const inputs = value.operands.map((one) => names.get(one) ?? '');
      names.set(value, lower(value, inputs, freeing(scope, value, twins)));
    }
  }
  const { logits } = body;
  scope.named('logits', 'Identity', [(logits && names.get(logits)) ?? ''], { T: FLOAT });
  return create(GraphDefSchema, { node: scope.nodes, versions: { producer: PRODUCER } });
}

function inputOf(
  name: string,
  scope: Scope,
  inputShape: Shape,
  parameters: NamedTensors,
  named: ReadonlyMap<string, string>,
): string {
  if (name === 'inputs')
    return scope.named('inputs', 'Placeholder', [], { dtype: FLOAT, shape: { shape: [-1, ...inputShape] } });
  const own = name.slice('parameter/'.length);
  const [parameter, node] = [parameters[own], named.get(own)];
  if (parameter === undefined || node === undefined)
    throw new CompileError('COMPILE_INVALID', `There is no value for ${name}.`);
  const tensor = { type: DataType.DT_FLOAT, shape: parameter.shape, content: bytesOf(parameter.data) };
  return scope.named(node, 'Const', [], { dtype: FLOAT, value: { tensor } });
}

/** `scope`, but for the integers of `value` that follow from the batch: those become what is there. */
function freeing(scope: Scope, value: Value, twins: Twins): Emitter {
  const freed = freeIntegers(value, twins, (one, inputs, { integers, rest }) =>
    lower(one, inputs, { emit: rest, float32: rest, int32: integers }),
  );
  return {
    ...scope,
    int32: (values, shape) => {
      const integers = freed(values);
      return 'fixed' in integers ? computed(integers, shape, scope) : scope.int32(integers, shape);
    },
  };
}

function computed({ perExample, fixed }: FreeIntegers, shape: Shape | undefined, { emit, int32 }: Emitter): string {
  const sizes = emit('Shape', ['inputs'], { T: FLOAT, out_type: INT32 });
  const batch = emit('Slice', [sizes, int32([0]), int32([1])], { T: INT32, Index: INT32 });
  const integers = emit('AddV2', [emit('Mul', [batch, int32(perExample)], { T: INT32 }), int32(fixed)], { T: INT32 });
  return shape === undefined ? integers : emit('Reshape', [integers, int32(shape)], { T: INT32, Tshape: INT32 });
}

/** The content of a `saved_model.pb` without variables: signature `serving_default`, tag `serve`. Throws CompileError. */
export function forwardToSavedModel(forward: ForwardTrace, inputShape: Shape, parameters: NamedTensors): Uint8Array {
  const classes = forward.graph['logits']?.shape.slice(1) ?? [];
  const model = create(SavedModelSchema, {
    savedModelSchemaVersion: SCHEMA_VERSION,
    metaGraphs: [
      {
        metaInfoDef: { tags: ['serve'] },
        graphDef: forwardGraph(forward, inputShape, parameters, preparedForTensorflow),
        signatureDef: {
          serving_default: {
            inputs: { inputs: tensorInfo('inputs:0', DataType.DT_FLOAT, [-1, ...inputShape]) },
            outputs: { logits: tensorInfo('logits:0', DataType.DT_FLOAT, [-1, ...classes]) },
            methodName: 'tensorflow/serving/predict',
          },
        },
      },
    ],
  });
  return toBinary(SavedModelSchema, model);
}

/** A tfjs graph model, as `tf.loadGraphModel` reads it: the content of `model.json`, and of the weights file that it names. */
export interface TfjsGraphModel {
  readonly model: object;
  readonly weights: Uint8Array;
}

/** Operations that the executor of tfjs's graph models does not know. */
const notInTfjs: ReadonlySet<string> = new Set([
  'UnsortedSegmentSum',
  'MaxPoolGrad',
  'Conv2DBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'DepthwiseConv2dNativeBackpropFilter',
] satisfies TensorflowOp[]);

/** The function as a tfjs graph model whose weights lie in `weightsFile`. Throws CompileError. */
export function forwardToTfjs(
  forward: ForwardTrace,
  inputShape: Shape,
  parameters: NamedTensors,
  weightsFile: string,
): TfjsGraphModel {
  const graph = forwardGraph(forward, inputShape, parameters, preparedForTfjs);
  const missing = graph.node.find(({ op }) => notInTfjs.has(op));
  if (missing !== undefined)
    throw new CompileError(
      'COMPILE_UNSUPPORTED_OP',
      `tfjs's graph models cannot hold the model: they have no ${missing.op}.`,
    );
  const weights: { name: string; shape: number[]; dtype: string }[] = [];
  const contents: Uint8Array[] = [];
  for (const node of graph.node) {
    const constant = node.attr['value']?.value;
    if (node.op !== 'Const' || constant?.case !== 'tensor') continue;
    const { dtype, tensorShape, tensorContent } = constant.value;
    weights.push({
      name: node.name,
      shape: tensorShape?.dim.map(({ size }) => Number(size)) ?? [],
      dtype: tfjsType(dtype),
    });
    contents.push(tensorContent);
    // tfjs takes constants from the weights.
    delete node.attr['value'];
  }
  return {
    model: {
      format: 'graph-model',
      generatedBy: 'fedx',
      modelTopology: toJson(GraphDefSchema, graph),
      weightsManifest: [{ paths: [weightsFile], weights }],
    },
    weights: Buffer.concat(contents),
  };
}

function tfjsType(type: DataType): string {
  switch (type) {
    case DataType.DT_FLOAT:
      return 'float32';
    case DataType.DT_BOOL:
      return 'bool';
    default:
      return 'int32';
  }
}
