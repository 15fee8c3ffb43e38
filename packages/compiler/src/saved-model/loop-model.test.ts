import { fromBinary } from '@bufbuild/protobuf';
import type * as tfjs from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { corpus, loopOf, models, trainingLoopOf } from '../../testing/corpus/index.js';
import { type LoopDefinition, traceLoop } from '../loop.js';
import { simplifyLoop } from '../passes/index.js';
import { toSavedModel } from './loop-model.js';
import { outputNames } from './operations.js';
import { DataType, type MetaGraphDef, type NodeDef, SavedModelSchema } from './proto/saved_model_pb.js';

/** Least squares on one table in a file, with something to compute once. */
const loop: LoopDefinition = {
  batchSize: 4,
  tables: [
    { name: 'x', rows: 9, rowShape: [3], as: { dtype: 'float32', scale: 0.5 }, content: { file: 'x.u8', offset: 0 } },
    { name: 'y', rows: 9, rowShape: [], as: { dtype: 'int32' }, content: Uint8Array.from({ length: 9 }, (_, i) => i) },
  ],
  carried: [{ name: 'layer 1/w', shape: [3] }],
  constants: [{ name: 'rate', shape: [] }],
  step({ tf, carried, constants, batch, weights }) {
    const w = carried['layer 1/w'] as tfjs.Tensor1D;
    const gradient = tf.grad((value) => tf.sum(tf.mul(weights, tf.square(losses(tf, batch, value)))))(w);
    const rate = tf.exp(constants['rate'] as tfjs.Tensor);
    return { carried: { 'layer 1/w': tf.sub(w, tf.mul(rate, gradient)) }, stacked: { losses: losses(tf, batch, w) } };
  },
};

function losses(tf: typeof tfjs, batch: Readonly<Record<string, tfjs.Tensor>>, w: tfjs.Tensor): tfjs.Tensor {
  const predicted = tf.matMul(batch['x'] as tfjs.Tensor2D, tf.reshape(w, [3, 1]));
  return tf.sub(tf.reshape(predicted, [-1]), tf.cast(batch['y'] as tfjs.Tensor, 'float32'));
}

function compile(definition: LoopDefinition): MetaGraphDef {
  const { bytes } = toSavedModel(simplifyLoop(traceLoop(definition)));
  const [graph] = fromBinary(SavedModelSchema, bytes).metaGraphs;
  if (graph === undefined) throw new Error('There is no graph.');
  return graph;
}

const nodesOf = ({ graphDef }: MetaGraphDef): readonly NodeDef[] => graphDef?.node ?? [];
const functionsOf = ({ graphDef }: MetaGraphDef) => graphDef?.library?.function ?? [];
const opsOf = (nodes: readonly NodeDef[]): string[] => nodes.map(({ op }) => op);

/** Name of the first output of an operation. */
const OUTPUTS: Readonly<Record<string, string>> = outputNames;

/** What of a graph's or function's nodes is called by a name that nothing has, or has a name that something has already. */
function dangling(nodes: readonly NodeDef[], known: readonly string[], isFunction: boolean): string[] {
  const names = new Set(known);
  const wrong: string[] = [];
  for (const { name, op } of nodes) {
    const called = isFunction ? `${name}:${OUTPUTS[op]}:0` : name;
    if (names.has(called)) wrong.push(`${name} twice`);
    names.add(called);
  }
  const isKnown = (input: string): boolean =>
    names.has(input) || (!isFunction && names.has(input.replace(/:\d+$/, '')));
  for (const { name, input } of nodes)
    wrong.push(...input.filter((one) => !isKnown(one)).map((one) => `${one} of ${name}`));
  return wrong;
}

describe('toSavedModel', () => {
  it('writes one graph with the tag serve, and one loop that the executor runs', () => {
    const graph = compile(loop);
    expect(graph.metaInfoDef?.tags).toEqual(['serve']);
    const loops = nodesOf(graph).filter(({ op }) => op === 'StatelessWhile');
    expect(loops).toHaveLength(1);
    expect(loops[0]?.attr['_lower_using_switch_merge']?.value).toEqual({ case: 'b', value: true });
  });

  it('gives its signature names, types and shapes, whatever characters a name has', () => {
    const { bytes, inputs, outputs } = toSavedModel(simplifyLoop(traceLoop(loop)));
    const signature = fromBinary(SavedModelSchema, bytes).metaGraphs[0]?.signatureDef['serving_default'];
    const described = (infos: NonNullable<typeof signature>['inputs']) =>
      Object.fromEntries(
        Object.entries(infos).map(([name, { dtype, tensorShape }]) => [
          name,
          [DataType[dtype], ...(tensorShape?.dim.map(({ size }) => Number(size)) ?? [])],
        ]),
      );
    expect(described(signature?.inputs ?? {})).toEqual({
      rows: ['DT_INT32', -1, 4],
      weights: ['DT_FLOAT', -1, 4],
      'carried/layer 1/w': ['DT_FLOAT', 3],
      'constant/rate': ['DT_FLOAT'],
    });
    expect(described(signature?.outputs ?? {})).toEqual({
      'out/carried/layer 1/w': ['DT_FLOAT', 3],
      'out/stacked/losses': ['DT_FLOAT', -1, 4],
    });
    expect(inputs['carried/layer 1/w']).toBe(signature?.inputs['carried/layer 1/w']?.name);
    expect(Object.keys(outputs)).toEqual(['out/carried/layer 1/w', 'out/stacked/losses']);
  });

  it('holds small tables, and maps those in files when it is loaded', () => {
    const graph = compile(loop);
    const nodes = nodesOf(graph);
    const mapped = nodes.filter(({ op }) => op === 'ImmutableConst');
    expect(mapped).toHaveLength(1);
    expect(new TextDecoder().decode(mapped[0]?.attr['memory_region_name']?.value.value as Uint8Array)).toBe('x.u8');
    const first = graph.signatureDef['__saved_model_init_op']?.outputs['__saved_model_init_op']?.name;
    const [filling = ''] = nodes.find(({ name }) => name === first)?.input ?? [];
    const { op, input = [] } = nodes.find(({ name }) => `^${name}` === filling) ?? {};
    expect([op, input[1]]).toEqual(['AssignVariableOp', mapped[0]?.name]);
    // And no call comes to the file.
    expect(nodes.filter((node) => node.input.includes(mapped[0]?.name ?? '')).map((node) => node.op)).toEqual([op]);
    expect(nodes.find((node) => node.op === 'ReadVariableOp')?.input).toEqual([input[0]]);
    const held = nodes.flatMap(({ attr }) => {
      const value = attr['value']?.value;
      return value?.case === 'tensor' && value.value.dtype === DataType.DT_UINT8 ? [value.value.tensorContent] : [];
    });
    expect(held.map((bytes) => [...bytes])).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8]]);
  });

  it('refuses a file with a header, since TensorFlow maps files as a whole', () => {
    const [first, ...rest] = loop.tables;
    if (first === undefined) throw new Error('There is no table.');
    const behindHeader = { ...loop, tables: [{ ...first, content: { file: 'x.idx', offset: 16 } }, ...rest] };
    expect(() => compile(behindHeader)).toThrow(
      expect.objectContaining({ code: 'COMPILE_INVALID', message: expect.stringContaining('x begins at 16') }),
    );
  });

  it('computes what does not change from step to step before the loop', () => {
    const graph = compile(loop);
    const [condition, step] = functionsOf(graph);
    expect([condition?.signature?.name, step?.signature?.name]).toEqual(['condition0', 'step0']);
    expect(opsOf(nodesOf(graph))).toContain('Exp');
    expect(opsOf(step?.nodeDef ?? [])).not.toContain('Exp');
    // Rows and weights of the step, and of each table its rows.
    expect(opsOf(step?.nodeDef ?? []).filter((op) => op === 'GatherV2')).toHaveLength(4);
  });

  it('has as many loop variables as the functions have arguments, each of the type that goes round', () => {
    const graph = compile(loop);
    const types = nodesOf(graph).find(({ op }) => op === 'StatelessWhile')?.attr['T']?.value;
    for (const { signature } of functionsOf(graph))
      expect(signature?.inputArg.map(({ type }) => type)).toEqual(types?.case === 'list' ? types.value.type : []);
    const step = functionsOf(graph)[1]?.signature;
    expect(step?.outputArg.map(({ type }) => type)).toEqual(step?.inputArg.map(({ type }) => type));
  });

  it('is the same bytes each time', () => {
    expect(toSavedModel(simplifyLoop(traceLoop(loop))).bytes).toEqual(
      toSavedModel(simplifyLoop(traceLoop(loop))).bytes,
    );
  });

  it.each([
    ...models.map((model) => [model.name, trainingLoopOf(model)] as const),
    ...corpus.map((entry) => [`${entry.kernel}: ${entry.title}`, loopOf(entry, entry.shapes[0] ?? [])] as const),
  ])('calls nothing by a name that nothing has: %s', (_, definition) => {
    const graph = compile(definition);
    expect(dangling(nodesOf(graph), [], false)).toEqual([]);
    for (const { nodeDef, ret, signature } of functionsOf(graph)) {
      const parameters = signature?.inputArg.map(({ name }) => name) ?? [];
      expect(dangling(nodeDef, parameters, true)).toEqual([]);
      const made = new Set([...parameters, ...nodeDef.map(({ name, op }) => `${name}:${OUTPUTS[op]}:0`)]);
      expect(Object.values(ret).filter((name) => !made.has(name))).toEqual([]);
      expect(Object.keys(ret).sort()).toEqual(signature?.outputArg.map(({ name }) => name).sort());
    }
  });
});
