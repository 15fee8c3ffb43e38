import { create } from '@bufbuild/protobuf';
import { FREE_BATCH } from '../forward.js';
import { CompileError } from '../compile-error.js';
import { type Graph, rewrite, type Shape } from '../ir/index.js';
import { simplify } from '../passes/simplify.js';
import { bytesOf, createConstants, createEmitter, emitGraph } from './emit.js';
import { encodeModel } from './model.js';
import { DataType, tensor, valueInfo } from './nodes.js';
import { GraphProtoSchema, type NodeProto } from './proto/onnx_pb.js';

/** A traced forward function with its parameters inside: input `inputs` `[batch, ...inputShape]`, output `logits`. */
export function forwardToOnnx(forward: Graph, inputShape: Shape, parameters: Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>): Uint8Array<ArrayBuffer> {
  const body = freeBatch(simplify(forward));
  const constants = createConstants();
  const nodes: NodeProto[] = [];
  const emitter = createEmitter(nodes, constants, 'v');
  const names = emitGraph(body, constants, ({ attributes: { name } }) => name, () => emitter);
  const { logits } = body;
  if (logits !== undefined) emitter.emit('Identity', [names.get(logits) ?? '']);
  const result = nodes.at(-1);
  if (result !== undefined) result.output = ['logits'];
  return encodeModel(
    create(GraphProtoSchema, {
      name: 'model',
      node: nodes,
      initializer: [
        ...constants.initializers,
        ...Object.entries(parameters).map(([name, { shape, data }]) => tensor(`parameter/${name}`, DataType.FLOAT, shape, bytesOf(data))),
      ],
      input: [valueInfo('inputs', DataType.FLOAT, ['batch', ...inputShape])],
      output: [valueInfo('logits', DataType.FLOAT, ['batch', ...(logits?.shape.slice(1) ?? [])])],
    }),
  );
}

/** Reshapes to the stand-in for the batch become reshapes to whatever is left. */
function freeBatch(graph: Graph): Graph {
  return rewrite(graph, (value, operands, builder) => {
    if (!('shape' in value.attributes) || !value.attributes.shape.includes(FREE_BATCH)) return undefined;
    if (value.op === 'reshape') return builder.make('reshape', operands, { shape: value.attributes.shape.map((axis) => (axis === FREE_BATCH ? -1 : axis)) });
    throw new CompileError('COMPILE_UNSUPPORTED_OP', `A model that makes a constant of the size of its batch (${value.op}) cannot be exported.`, { op: value.op });
  });
}
