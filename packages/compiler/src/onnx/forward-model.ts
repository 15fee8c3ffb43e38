import type { ForwardTrace } from '../forward.js';
import { type FreeIntegers, freeIntegers, pairUp, type Twins } from '../free-batch.js';
import { bytesOf, type Graph, type Shape, type Value } from '../ir/index.js';
import { mapScanBodies } from '../passes/scan-bodies.js';
import { simplify } from '../passes/simplify.js';
import { createConstants, createEmitter, emitGraph, type ScopedEmitter } from './emit.js';
import { type Emitter, lower } from './lowerings.js';
import { encodeModel } from './model.js';
import { DataType, node, type OnnxNode, tensor, valueInfo } from './nodes.js';

const prepared = (forward: Graph): Graph => simplify(mapScanBodies(forward, simplify));

/**
 * A traced forward function with its parameters inside: input `inputs` `[batch, ...inputShape]`, output `logits`. Throws
 * CompileError where it holds for one batch only.
 */
export function forwardToOnnx(
  forward: ForwardTrace,
  inputShape: Shape,
  parameters: Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>,
): Uint8Array<ArrayBuffer> {
  const body = prepared(forward.graph);
  const twins = pairUp(body, forward.others().map(prepared));
  const constants = createConstants();
  const nodes: OnnxNode[] = [];
  const emitter = createEmitter(nodes, constants, 'v');
  const names = emitGraph(
    body,
    constants,
    ({ attributes: { name } }) => name,
    () => emitter,
    (outer, value) => freeing(outer, value, twins),
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

/** `emitter`, but for the integers of `value` that follow from the batch: those become what is there. */
function freeing(emitter: ScopedEmitter, value: Value, twins: Twins): ScopedEmitter {
  const freed = freeIntegers(value, twins, (one, inputs, { integers, rest }) =>
    lower(one, inputs, { emit: rest, constant: rest, int64: integers }),
  );
  return {
    ...emitter,
    int64: (values) => {
      const integers = freed(values);
      return 'fixed' in integers ? computed(integers, emitter) : emitter.int64(integers);
    },
  };
}

function computed({ perExample, fixed }: FreeIntegers, { emit, int64 }: Emitter): string {
  const batch = emit('Slice', [emit('Shape', ['inputs']), int64([0]), int64([1])]);
  return emit('Add', [emit('Mul', [batch, int64(perExample)]), int64(fixed)]);
}
