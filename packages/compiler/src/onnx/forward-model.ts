import { create } from '@bufbuild/protobuf';
import { CompileError } from '../compile-error.js';
import { FREE_BATCH } from '../forward.js';
import { type Graph, type Shape, topologicalOrder, type Value } from '../ir/index.js';
import { simplify } from '../passes/simplify.js';
import { bytesOf, createConstants, createEmitter, emitGraph } from './emit.js';
import type { Emitter } from './lowerings.js';
import { encodeModel } from './model.js';
import { DataType, tensor, valueInfo } from './nodes.js';
import { GraphProtoSchema, type NodeProto } from './proto/onnx_pb.js';

/** A traced forward function with its parameters inside: input `inputs` `[batch, ...inputShape]`, output `logits`. */
export function forwardToOnnx(
  forward: Graph,
  inputShape: Shape,
  parameters: Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>,
): Uint8Array<ArrayBuffer> {
  const body = simplify(forward);
  assertFree(body);
  const constants = createConstants();
  const nodes: NodeProto[] = [];
  const emitter = createEmitter(nodes, constants, 'v');
  const names = emitGraph(
    body,
    constants,
    ({ attributes: { name } }) => name,
    (value) => freeing(emitter, value),
  );
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
        ...Object.entries(parameters).map(([name, { shape, data }]) =>
          tensor(`parameter/${name}`, DataType.FLOAT, shape, bytesOf(data)),
        ),
      ],
      input: [valueInfo('inputs', DataType.FLOAT, ['batch', ...inputShape])],
      output: [valueInfo('logits', DataType.FLOAT, ['batch', ...(logits?.shape.slice(1) ?? [])])],
    }),
  );
}

/** More than any batch. */
const TO_THE_END = 2 ** 31 - 1;

/** `emitter`, but for the sizes of `value` that come from the stand-in for the batch: those become what is there. */
function freeing(emitter: Emitter, { op }: Value): Emitter {
  if (op !== 'reshape' && op !== 'slice') return emitter;
  const free = op === 'reshape' ? -1 : TO_THE_END;
  return { ...emitter, int64: (values) => emitter.int64(values.map((size) => (isFree(size) ? free : size))) };
}

/** A batch, or a batch that is flattened with other axes. */
function isFree(size: number): boolean {
  return size > 0 && size % FREE_BATCH === 0;
}

/** Throws COMPILE_UNSUPPORTED_OP where the size of the batch would become part of the model. */
function assertFree(graph: Graph): void {
  const fixed = topologicalOrder(graph).find(({ op, shape }) => op === 'broadcast' && shape.some(isFree));
  if (fixed === undefined) return;
  throw new CompileError(
    'COMPILE_UNSUPPORTED_OP',
    `A model that makes a constant of the size of its batch (${fixed.op}) cannot be exported.`,
    { op: fixed.op },
  );
}
