import { inputNames } from '../input-names.js';
import { sizeOf } from '../ir/index.js';
import { type TableSpec, tableShape } from '../loop.js';
import type { OptimisedLoop } from '../passes/index.js';
import { type Constants, createConstants, createEmitter, type ScopedEmitter } from './emit.js';
import { elementTypes } from './lowerings.js';
import { encodeModel } from './model.js';
import { DataType, node, type OnnxNode, type OnnxTensor, tensor, valueInfo } from './nodes.js';
import { createStepLoop, lengthOf, type StepLoop, turned } from './step-loop.js';
import { emitSummedJobs } from './summed-jobs.js';

/**
 * The loop as an ONNX model with one Loop node: a call runs as many steps as `rows` has.
 * Inputs: `rows` int32 `[steps, batch]`, `weights` float32 `[steps, batch]`, `step-numbers` float32 `[steps]`, where noise is
 * drawn `keys` int32 `[steps, 2 draws]`, `per-step/<name>` float32 `[steps]`, `carried/<name>`, `constant/<name>`.
 * Outputs: `carried/<name>` after the last step, `stacked/<name>` with `[steps, …]`.
 *
 * One for summed jobs has the steps of all of them in these inputs, one job's after the other's, with `job-steps` int32 `[jobs]`
 * and `shares` float32 `[jobs]`; each job starts from the same `carried/<name>`. Outputs: `carried/<name>`, the sum over the jobs
 * of a job's share times what came to the value in it, `stacked/<name>`, and `squares` float32 `[jobs]`, the sum of the squares
 * of all that came to a job's values.
 */
export function toOnnx(loop: OptimisedLoop): Uint8Array<ArrayBuffer> {
  const { batchSize, tables, carried, constants, perStep } = loop.definition;
  const shared = createConstants();
  const nodes: OnnxNode[] = [];
  const emitter = createEmitter(nodes, shared, 'v');
  const steps = createStepLoop(loop, shared, emitter);
  const results = loop.isSummed ? emitSummedJobs(steps, shared, emitter) : emitSteps(steps, shared, emitter);
  for (const [name, result] of results) nodes.push(node('Identity', [result], [`out/${name}`]));

  const float = (name: string, shape: readonly (number | string)[]) => valueInfo(name, DataType.FLOAT, shape);
  const carriedAs = (naming: (name: string) => string) =>
    carried.map(({ name, shape }) => float(naming(inputNames.carried(name)), shape));
  return encodeModel({
    name: 'loop',
    nodes,
    initializers: [...tables.map(tableTensor), ...shared.initializers],
    inputs: [
      valueInfo('rows', DataType.INT32, ['steps', batchSize]),
      float('weights', ['steps', batchSize]),
      float('step-numbers', ['steps']),
      ...perStep.map((name) => float(inputNames.perStep(name), ['steps'])),
      ...(loop.draws === 0 ? [] : [valueInfo('keys', DataType.INT32, ['steps', 2 * loop.draws])]),
      ...(loop.isSummed ? [valueInfo('job-steps', DataType.INT32, ['jobs']), float('shares', ['jobs'])] : []),
      ...carriedAs((name) => name),
      ...constants.map(({ name, shape }) => float(inputNames.constant(name), shape)),
    ],
    outputs: [
      ...carriedAs((name) => `out/${name}`),
      ...steps.stacked.map(({ name, type, shape }) => valueInfo(`out/${name}`, type, ['steps', ...shape])),
      ...(loop.isSummed ? [float('out/squares', ['jobs'])] : []),
    ],
  });
}

/** All steps as one job; its results by output name. */
function emitSteps(steps: StepLoop, shared: Constants, emitter: ScopedEmitter): readonly (readonly [string, string])[] {
  const ends = steps.over(emitter, { count: lengthOf(emitter, shared, 'rows'), rowsOf: (table) => table });
  return [
    ...steps.renewed.map((value, i) => [value.name, turned(emitter, value, ends.renewed[i] ?? '')] as const),
    ...steps.deferred.map(
      ({ name, added }, i) => [name, added(emitter, ends.deferred[i]?.changes ?? '', name)] as const,
    ),
    ...steps.stacked.map(({ name }, i) => [name, ends.stacked[i] ?? ''] as const),
  ];
}

function tableTensor({ name, rows, rowShape, stored = 'uint8', content }: TableSpec): OnnxTensor {
  const shape = tableShape(rows, rowShape);
  const length = sizeOf(shape) * (stored === 'float32' ? Float32Array.BYTES_PER_ELEMENT : 1);
  const held = content instanceof Uint8Array ? content : { ...content, length };
  return tensor(inputNames.table(name), elementTypes[stored], shape, held);
}
