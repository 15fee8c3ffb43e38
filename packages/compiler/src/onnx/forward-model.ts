import type { ForwardTrace } from '../forward.js';
import { type Emitted, type FreeIntegers, freeIntegers, isOpenShape, pairUp, type Twins } from '../free-batch.js';
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
  const free = freeIntegers(value, emittedBy(value), (twins.get(value) ?? []).map(emittedBy)).values();
  return {
    ...emitter,
    int64: (values) => {
      const integers = free.next().value;
      if (integers === undefined) return emitter.int64(values);
      return value.op === 'reshape' && isOpenShape(integers)
        ? emitter.int64(values.map((size, i) => (integers.perExample[i] === 0 ? size : -1)))
        : computed(integers, emitter);
    },
  };
}

function emittedBy(value: Value): Emitted {
  const emitted: Emitted = { integers: [], rest: [] };
  const note = (...call: readonly unknown[]): string => `${emitted.rest.push(call)}`;
  if (value.op !== 'input' && value.op !== 'constant' && value.op !== 'scan')
    lower(
      value,
      value.operands.map((_, i) => `operand ${i}`),
      { emit: note, constant: note, int64: (values) => `integers ${emitted.integers.push(values)}` },
    );
  return emitted;
}

function computed({ perExample, fixed }: FreeIntegers, { emit, int64 }: Emitter): string {
  const batch = emit('Slice', [emit('Shape', ['inputs']), int64([0]), int64([1])]);
  return emit('Add', [emit('Mul', [batch, int64(perExample)]), int64(fixed)]);
}
