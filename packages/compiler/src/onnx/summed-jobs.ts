import type { Shape } from '../ir/index.js';
import { type Constants, createEmitter, type ScopedEmitter } from './emit.js';
import { DataType, type OnnxNode, tensor, valueInfo } from './nodes.js';
import { emitLoop, lengthOf, type StepLoop, scalar, turned } from './step-loop.js';

const JOB = 'job';
/** Names of what the jobs before have left. */
const [FIRST, SUM, KEPT] = ['job/first', 'job/sum', 'job/kept'];

/**
 * A Loop node over jobs around that over their steps. What comes to a deferred matrix in all of them is one product of all
 * examples with their changes, so that nothing of its size is written for a single job.
 */
export function emitSummedJobs(
  { renewed, deferred, stacked, starts, over }: StepLoop,
  shared: Constants,
  before: ScopedEmitter,
): readonly (readonly [string, string])[] {
  const nodes: OnnxNode[] = [];
  const job = createEmitter(nodes, shared, 'job/v');
  const { emit, int64 } = job;
  const stepsOfJobs = before.emit('Cast', ['job-steps'], { to: DataType.INT64 });
  const count = emit('Gather', [stepsOfJobs, JOB]);
  const share = emit('Gather', ['shares', JOB]);
  const end = emit('Add', [FIRST, count]);
  const rowsOf = (table: string, rowsOfStep: number): string => {
    const row = (step: string): string => emit('Mul', [emit('Reshape', [step, int64([1])]), int64([rowsOfStep])]);
    return emit('Slice', [table, row(FIRST), row(end), int64([0])]);
  };
  const ends = over(job, { count, first: FIRST, rowsOf });

  const changes = renewed.map((_, i) => emit('Sub', [ends.renewed[i] ?? '', starts[i] ?? '']));
  const squares = [
    ...changes.map((change) => emit('ReduceSumSquare', [change], { keepdims: 0 })),
    ...ends.deferred.map((update) => update.squares()),
  ];
  const empty = (type: DataType, shape: Shape): string =>
    shared.named(`empty ${type} ${shape.join()}`, (name) => tensor(name, type, [0, ...shape], new Uint8Array()));
  /** A list of all jobs, with what this one adds to it. */
  const kept = (name: string, type: DataType, shape: Shape, own: string) => ({
    start: empty(type, shape),
    input: valueInfo(`${KEPT}/${name}`, type),
    output: valueInfo(emit('Concat', [`${KEPT}/${name}`, own], { axis: 0 }), type),
  });
  const all = emitLoop(before, {
    scope: JOB,
    count: lengthOf(before, shared, stepsOfJobs),
    shared,
    nodes,
    carried: [
      {
        start: scalar(shared, 0),
        input: valueInfo(FIRST, DataType.INT64, []),
        output: valueInfo(end, DataType.INT64, []),
      },
      ...renewed.map(({ name, stored }, i) => ({
        start: before.emit('ConstantOfShape', [int64(stored)]),
        input: valueInfo(`${SUM}/${name}`, DataType.FLOAT, stored),
        output: valueInfo(
          emit('Add', [`${SUM}/${name}`, emit('Mul', [changes[i] ?? '', share])]),
          DataType.FLOAT,
          stored,
        ),
      })),
      ...deferred.map(({ name, units }, i) =>
        kept(name, DataType.FLOAT, [units], emit('Mul', [ends.deferred[i]?.changes ?? '', share])),
      ),
      ...stacked.map(({ name, type, shape }, i) => kept(name, type, shape, ends.stacked[i] ?? '')),
    ],
    stacked: [valueInfo(emit('Sum', squares), DataType.FLOAT, [])],
  });

  const [, ...results] = all.carried;
  const result = (i: number): string => results[i] ?? '';
  return [
    ...renewed.map((value, i) => [value.name, turned(before, value, result(i))] as const),
    ...deferred.map(({ name, added }, i) => [name, added(before, result(renewed.length + i))] as const),
    ...stacked.map(({ name }, i) => [name, result(renewed.length + deferred.length + i)] as const),
    ['squares', all.stacked[0] ?? ''],
  ];
}
