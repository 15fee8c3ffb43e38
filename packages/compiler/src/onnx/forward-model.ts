import { CompileError } from '../compile-error.js';
import { FREE_BATCH, isFree, isReversedBatch } from '../forward.js';
import { bytesOf, type Graph, type Shape, type Value } from '../ir/index.js';
import { mapScanBodies } from '../passes/scan-bodies.js';
import { simplify } from '../passes/simplify.js';
import { createConstants, createEmitter, emitGraph, type ScopedEmitter } from './emit.js';
import type { Emitter } from './lowerings.js';
import { encodeModel } from './model.js';
import { DataType, node, type OnnxNode, tensor, valueInfo } from './nodes.js';

/** A traced forward function with its parameters inside: input `inputs` `[batch, ...inputShape]`, output `logits`. */
export function forwardToOnnx(
  forward: Graph,
  inputShape: Shape,
  parameters: Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>,
): Uint8Array<ArrayBuffer> {
  const body = simplify(mapScanBodies(forward, simplify));
  const constants = createConstants();
  const nodes: OnnxNode[] = [];
  const emitter = createEmitter(nodes, constants, 'v');
  const names = emitGraph(
    body,
    constants,
    ({ attributes: { name } }) => name,
    () => emitter,
    freeing,
  );
  const { logits } = body;
  if (logits !== undefined) nodes.push(node('Identity', [names.get(logits) ?? ''], ['logits']));
  return encodeModel({
    name: 'model',
    nodes,
    initializers: [
      ...constants.initializers,
      ...Object.entries(parameters).map(([name, { shape, data }]) =>
        tensor(`parameter/${name}`, DataType.FLOAT, shape, bytesOf(data)),
      ),
    ],
    inputs: [valueInfo('inputs', DataType.FLOAT, ['batch', ...inputShape])],
    outputs: [valueInfo('logits', DataType.FLOAT, ['batch', ...(logits?.shape.slice(1) ?? [])])],
  });
}

/** More than any batch. */
const TO_THE_END = 2 ** 31 - 1;

/** `emitter`, but for the sizes of `value` that come from the stand-in for the batch: those become what is there. */
function freeing(emitter: ScopedEmitter, value: Value): ScopedEmitter {
  if (isReversedBatch(value))
    throw new CompileError('COMPILE_UNSUPPORTED_OP', 'A model that reverses its batch cannot be exported.');
  switch (value.op) {
    case 'reshape':
      return { ...emitter, int64: (values) => emitter.int64(values.map((size) => (isFree(size) ? -1 : size))) };
    case 'slice':
    case 'stridedSlice':
      return { ...emitter, int64: (values) => emitter.int64(values.map((size) => (isFree(size) ? TO_THE_END : size))) };
    case 'broadcast':
      return {
        ...emitter,
        int64: (values) => (values.some(isFree) ? freeShape(emitter, values) : emitter.int64(values)),
      };
    default:
      return emitter;
  }
}

/** A shape of which some sizes are multiples of the batch that is there. */
function freeShape({ emit, int64 }: Emitter, values: readonly number[]): string {
  const batch = emit('Slice', [emit('Shape', ['inputs']), int64([0]), int64([1])]);
  const sizes = values.map((size) => (isFree(size) ? emit('Mul', [batch, int64([size / FREE_BATCH])]) : int64([size])));
  return emit('Concat', sizes, { axis: 0 });
}
