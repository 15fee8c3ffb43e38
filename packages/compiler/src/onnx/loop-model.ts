import { inputNames } from '../input-names.js';
import { type Graph, sizeOf, topologicalOrder, type ValueOf } from '../ir/index.js';
import { type TableSpec, tableShape } from '../loop.js';
import { fuseProducts, type OptimisedLoop, simplify } from '../passes/index.js';
import { isVariant } from '../variant.js';
import { computeAhead, followsFromSteps } from './compute-ahead.js';
import { deferredNodes } from './deferred-updates.js';
import { type Adapt, createConstants, createEmitter, emitGraph } from './emit.js';
import { expandConvolutions } from './expand-convolutions.js';
import { type Emitter, elementTypes } from './lowerings.js';
import { encodeModel } from './model.js';
import { DataType, int64Tensor, node, type OnnxNode, type OnnxTensor, tensor, valueInfo } from './nodes.js';

/**
 * The loop as an ONNX model with one Loop node: a call runs as many steps as `rows` has.
 * Inputs: `rows` int32 `[steps, batch]`, `weights` float32 `[steps, batch]`, `step-numbers` float32 `[steps]`, where noise is
 * drawn `keys` int32 `[steps, 2 draws]`, `per-step/<name>` float32 `[steps]`, `carried/<name>`, `constant/<name>`.
 * Outputs: `carried/<name>` after the last step, `stacked/<name>` with `[steps, …]`.
 */
export function toOnnx({
  definition,
  draws,
  body: optimised,
  transposed,
  deferred,
}: OptimisedLoop): Uint8Array<ArrayBuffer> {
  const { body, ahead } = computeAhead(fuseProducts(simplify(expandConvolutions(optimised))));
  const { batchSize, tables, carried, constants, perStep } = definition;
  const shared = createConstants();
  const outer: OnnxNode[] = [];
  const inner: OnnxNode[] = [];
  const [inLoop, beforeLoop] = [createEmitter(inner, shared, 'step/v'), createEmitter(outer, shared, 'v')];

  const ofAllSteps = forAllSteps(beforeLoop);
  const computed = emitGraph(ahead, shared, ofAllSteps, () => beforeLoop, stacking, 'ahead/');
  const later = deferred.map((update) =>
    deferredNodes(
      update,
      beforeLoop,
      (examples) => emitGraph({ examples }, shared, ofAllSteps, () => beforeLoop, stacking).get(examples) ?? '',
    ),
  );
  inner.push(node('Identity', ['condition'], ['condition/next']));
  for (const { name, product } of later) {
    const input = inputNames.deferred(name);
    inner.push(node('Identity', [product(inLoop, `loop/${input}`)], [`step/${input}`]));
  }
  for (const input of stepInputs(body)) {
    const { name } = input.attributes;
    const value = ahead[name];
    const all = value === undefined ? ofAllSteps(input) : (computed.get(value) ?? '');
    inner.push(node('Gather', [all, 'step'], [inputName(input)]));
  }
  const names = emitGraph(body, shared, inputName, (value) => (isVariant(value) ? inLoop : beforeLoop));

  const results = Object.entries(body);
  results.forEach(([name, value]) => inner.push(node('Identity', [names.get(value) ?? ''], [`next/${name}`])));
  const changes = later.map(({ name, none, withChange }) => {
    const input = inputNames.deferred(name);
    inner.push(node('Identity', [withChange(inLoop, `loop/${input}`, `next/${input}`)], [`next/changes/${name}`]));
    return { input, none, next: `next/changes/${name}` };
  });
  const inputs = carried.map(({ name, shape }) => ({ input: inputNames.carried(name), shape }));
  const carriedInfo = inputs.flatMap(({ input, shape }) => {
    const stored = transposed.has(input) ? [...shape].reverse() : shape;
    return later.some(({ name }) => name === input) ? [] : [{ input, shape, stored }];
  });
  const stacked = results.filter(([name]) => name.startsWith('stacked/'));
  const loopBody = {
    name: 'step',
    nodes: inner,
    inputs: [
      valueInfo('step', DataType.INT64, []),
      valueInfo('condition', DataType.BOOL, []),
      ...carriedInfo.map(({ input, stored }) => valueInfo(`loop/${input}`, DataType.FLOAT, stored)),
      ...changes.map(({ input }) => valueInfo(`loop/${input}`, DataType.FLOAT)),
    ],
    outputs: [
      valueInfo('condition/next', DataType.BOOL, []),
      ...carriedInfo.map(({ input, stored }) => valueInfo(`next/${input}`, DataType.FLOAT, stored)),
      ...changes.map(({ next }) => valueInfo(next, DataType.FLOAT)),
      ...stacked.map(([name, value]) => valueInfo(`next/${name}`, elementTypes[value.dtype], value.shape)),
    ],
  };

  const enter = carriedInfo.map(({ input, stored, shape }) =>
    stored === shape ? input : beforeLoop.emit('Transpose', [input], { perm: [1, 0] }),
  );
  const leave = carriedInfo.map(({ input, stored, shape }) => (stored === shape ? input : `stored/${input}`));
  const steps = beforeLoop.emit('Gather', [
    beforeLoop.emit('Shape', ['rows']),
    shared.named('zero', (name) => int64Tensor(name, [0], [])),
  ]);
  const always = shared.named('true', (name) => tensor(name, DataType.BOOL, [], Uint8Array.of(1)));
  outer.push(
    node(
      'Loop',
      [steps, always, ...enter, ...changes.map(({ none }) => none)],
      [...leave, ...changes.map(({ input }) => input), ...stacked.map(([name]) => name)].map((name) => `out/${name}`),
      { body: { graph: loopBody } },
    ),
  );
  carriedInfo.forEach(({ input, stored, shape }) => {
    if (stored !== shape) outer.push(node('Transpose', [`out/stored/${input}`], [`out/${input}`], { perm: [1, 0] }));
  });
  for (const { name, updated } of later) {
    const matrix = updated(beforeLoop, `out/${inputNames.deferred(name)}`);
    outer.push(node('Identity', [matrix], [`out/${name}`]));
  }

  return encodeModel({
    name: 'loop',
    nodes: outer,
    initializers: [...tables.map(tableTensor), ...shared.initializers],
    inputs: [
      valueInfo('rows', DataType.INT32, ['steps', batchSize]),
      valueInfo('weights', DataType.FLOAT, ['steps', batchSize]),
      valueInfo('step-numbers', DataType.FLOAT, ['steps']),
      ...perStep.map((name) => valueInfo(inputNames.perStep(name), DataType.FLOAT, ['steps'])),
      ...(draws === 0 ? [] : [valueInfo('keys', DataType.INT32, ['steps', 2 * draws])]),
      ...inputs.map(({ input, shape }) => valueInfo(input, DataType.FLOAT, shape)),
      ...constants.map(({ name, shape }) => valueInfo(inputNames.constant(name), DataType.FLOAT, shape)),
    ],
    outputs: [
      ...inputs.map(({ input, shape }) => valueInfo(`out/${input}`, DataType.FLOAT, shape)),
      ...stacked.map(([name, value]) => valueInfo(`out/${name}`, elementTypes[value.dtype], ['steps', ...value.shape])),
    ],
  });
}

/** What differs from step to step and is not carried. */
function stepInputs(body: Graph): ValueOf<'input'>[] {
  return topologicalOrder(body).flatMap((value) =>
    value.op === 'input' && isVariant(value) && !followsFromSteps(value.attributes.name) ? [value] : [],
  );
}

/** Where an input lies with a first axis for the steps; keys are columns of one input. */
function forAllSteps({ emit, int64 }: Emitter): (input: ValueOf<'input'>) => string {
  return ({ attributes: { name } }) => {
    if (name === inputNames.step) return 'step-numbers';
    const key = inputNames.keyIndex(name);
    return key === undefined ? name : emit('Slice', ['keys', int64([key]), int64([key + 1]), int64([1])]);
  };
}

/** Lets an operation of a step make its result for all steps, along a first axis. */
const stacking: Adapt = (emitter, value) =>
  value.op === 'reshape' && isVariant(value)
    ? { ...emitter, int64: (sizes) => emitter.int64([-1, ...sizes]) }
    : emitter;

function inputName(value: ValueOf<'input'>): string {
  const { name } = value.attributes;
  if (name.startsWith('carried/')) return `loop/${name}`;
  return /^(?:constant|table)\//.test(name) ? name : `step/${name}`;
}

function tableTensor({ name, rows, rowShape, stored = 'uint8', content }: TableSpec): OnnxTensor {
  const shape = tableShape(rows, rowShape);
  const length = sizeOf(shape) * (stored === 'float32' ? Float32Array.BYTES_PER_ELEMENT : 1);
  const held = content instanceof Uint8Array ? content : { ...content, length };
  return tensor(inputNames.table(name), elementTypes[stored], shape, held);
}
