import { inputNames } from '../input-names.js';
import { type Graph, type Shape, topologicalOrder, type ValueOf } from '../ir/index.js';
import { fuseProducts, type OptimisedLoop, simplify } from '../passes/index.js';
import { isVariant } from '../variant.js';
import { computeAhead, followsFromSteps } from './compute-ahead.js';
import { expandConvolutions } from './convolutions/expand-convolutions.js';
import { type DeferredNodes, deferredNodes, STEP } from './deferred-updates.js';
import { type Adapt, type Constants, createEmitter, emitGraph, type ScopedEmitter } from './emit.js';
import { lengthenRuns } from './lengthen-runs.js';
import { type Emitter, elementTypes } from './lowerings.js';
import { DataType, int64Tensor, node, type OnnxNode, type OnnxValue, tensor, valueInfo } from './nodes.js';

/** Some steps of a program that follow each other. */
export interface Span {
  /** How many they are, a scalar. */
  readonly count: string;
  /** The number of their first one among all, a scalar; absent: they are all. */
  readonly first?: string;
  /** Takes their rows out of a table with so many rows a step. */
  rowsOf(table: string, rowsOfStep: number): string;
}

/** A carried value that each step reads and makes anew. */
export interface Renewed {
  /** Its input name. */
  readonly name: string;
  readonly shape: Shape;
  /** Its shape inside the loop; another one where it is kept transposed. */
  readonly stored: Shape;
}

/** What is kept of every step. */
export interface Stacked {
  readonly name: string;
  readonly type: DataType;
  /** Of one step. */
  readonly shape: Shape;
}

/** What a loop left, in the order of {@link StepLoop}. */
export interface LoopEnds {
  /** As they are stored. */
  readonly renewed: readonly string[];
  /** Of each deferred update its changes, `[examples, units]`, and the squares of what they add up to. */
  readonly deferred: readonly { readonly changes: string; squares(): string }[];
  /** `[steps, …]`. */
  readonly stacked: readonly string[];
}

/** A loop over steps, of which the nodes are emitted that come before it. */
export interface StepLoop {
  readonly renewed: readonly Renewed[];
  readonly deferred: readonly DeferredNodes[];
  readonly stacked: readonly Stacked[];
  /** Names of the renewed values that the loop starts from, as they are stored. */
  readonly starts: readonly string[];
  /** Emits the loop over some of the steps; `around` is where it lies. */
  over(around: ScopedEmitter, span: Span): LoopEnds;
}

/** The name of an int64 scalar. */
export const scalar = (shared: Constants, value: number): string =>
  shared.named(`int64 scalar ${value}`, (name) => int64Tensor(name, [value], []));

/** The name of how many entries a tensor has along its first axis, an int64 scalar. */
export const lengthOf = ({ emit }: Emitter, shared: Constants, name: string): string =>
  emit('Gather', [emit('Shape', [name]), scalar(shared, 0)]);

/** The name of what a Loop node without an end of its own goes on with. */
const always = (shared: Constants): string =>
  shared.named('true', (name) => tensor(name, DataType.BOOL, [], Uint8Array.of(1)));

/** Emits what comes before all steps to `before`. */
export function createStepLoop(loop: OptimisedLoop, shared: Constants, before: ScopedEmitter): StepLoop {
  const { body, ahead } = computeAhead(fuseProducts(lengthenRuns(simplify(expandConvolutions(loop.body)))));
  const ofAllSteps = forAllSteps(before);
  const emitAhead = (graph: Graph, scope?: string) =>
    emitGraph(graph, shared, ofAllSteps, () => before, stacking, scope);
  const computed = emitAhead(ahead, 'ahead/');
  const deferred = loop.deferred.map((update) =>
    deferredNodes(update, before, (examples) => emitAhead({ examples }).get(examples) ?? ''),
  );
  const results = Object.entries(body);
  const stacked = results.flatMap(([name, { dtype, shape }]) =>
    name.startsWith('stacked/') ? [{ name, type: elementTypes[dtype], shape }] : [],
  );
  const renewed = loop.definition.carried.flatMap(({ name: carried, shape }): Renewed[] => {
    const name = inputNames.carried(carried);
    if (deferred.some((update) => update.name === name)) return [];
    return [{ name, shape, stored: loop.transposed.has(name) ? [...shape].reverse() : shape }];
  });
  const starts = renewed.map((value) => turned(before, value, value.name));

  function over(around: ScopedEmitter, { count, first, rowsOf }: Span): LoopEnds {
    const nodes: OnnxNode[] = [];
    const step = createEmitter(nodes, shared, 'step/v');
    const at = first === undefined ? STEP : step.emit('Add', [first, STEP]);
    const inLoop = deferred.map((update) => ({ ...update, ...update.around(around, rowsOf) }));
    for (const { name, product } of inLoop) {
      const input = inputNames.deferred(name);
      nodes.push(node('Identity', [product(step, `loop/${input}`, at)], [`step/${input}`]));
    }
    for (const input of stepInputs(body)) {
      const value = ahead[input.attributes.name];
      const all = value === undefined ? ofAllSteps(input) : (computed.get(value) ?? '');
      nodes.push(node('Gather', [all, at], [inputName(input)]));
    }
    const names = emitGraph(body, shared, inputName, (value) => (isVariant(value) ? step : before));
    for (const [name, value] of results) nodes.push(node('Identity', [names.get(value) ?? ''], [`next/${name}`]));
    for (const { name, withChange } of inLoop) {
      const input = inputNames.deferred(name);
      nodes.push(node('Identity', [withChange(step, `loop/${input}`, `next/${input}`)], [`next/changes/${name}`]));
    }
    const ends = emitLoop(around, {
      scope: 'step',
      count,
      shared,
      nodes,
      carried: [
        ...renewed.map(({ name, stored }, i) => ({
          start: starts[i] ?? '',
          input: valueInfo(`loop/${name}`, DataType.FLOAT, stored),
          output: valueInfo(`next/${name}`, DataType.FLOAT, stored),
        })),
        ...inLoop.map(({ name, none }) => ({
          start: none,
          input: valueInfo(`loop/${inputNames.deferred(name)}`, DataType.FLOAT),
          output: valueInfo(`next/changes/${name}`, DataType.FLOAT),
        })),
      ],
      stacked: stacked.map(({ name, type, shape }) => valueInfo(`next/${name}`, type, shape)),
    });
    return {
      renewed: ends.carried.slice(0, renewed.length),
      deferred: inLoop.map(({ squares }, i) => {
        const changes = ends.carried[renewed.length + i] ?? '';
        return { changes, squares: () => squares(around, changes) };
      }),
      stacked: ends.stacked,
    };
  }

  return { renewed, deferred, stacked, starts, over };
}

/** A value as it is stored from what it is outside, or the other way round. */
export function turned({ emit }: Emitter, { shape, stored }: Renewed, name: string): string {
  return stored === shape ? name : emit('Transpose', [name], { perm: [1, 0] });
}

/** What a Loop node has. */
export interface LoopParts {
  /** The name of its number of the iteration, and what keeps its other names apart from those of others. */
  readonly scope: string;
  readonly count: string;
  readonly shared: Constants;
  /** Of the body. */
  readonly nodes: OnnxNode[];
  readonly carried: readonly {
    readonly start: string;
    readonly input: OnnxValue;
    readonly output: OnnxValue;
  }[];
  readonly stacked: readonly OnnxValue[];
}

/** A Loop node, and the names of what it leaves. */
export function emitLoop(
  { push, next }: ScopedEmitter,
  { scope, count, shared, nodes, carried, stacked }: LoopParts,
): { readonly carried: readonly string[]; readonly stacked: readonly string[] } {
  const condition = `${scope}/condition`;
  const body = {
    name: scope,
    nodes: [node('Identity', [condition], [`${condition}/next`]), ...nodes],
    inputs: [
      valueInfo(scope, DataType.INT64, []),
      valueInfo(condition, DataType.BOOL, []),
      ...carried.map(({ input }) => input),
    ],
    outputs: [valueInfo(`${condition}/next`, DataType.BOOL, []), ...carried.map(({ output }) => output), ...stacked],
  };
  const name = next();
  const ends = [...carried, ...stacked].map((_, i) => `${name}/${i}`);
  push(node('Loop', [count, always(shared), ...carried.map(({ start }) => start)], ends, { body: { graph: body } }));
  return { carried: ends.slice(0, carried.length), stacked: ends.slice(carried.length) };
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
