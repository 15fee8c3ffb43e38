import { type Builder, type DType, sizeOf, type Value } from '../ir/index.js';
import { tf } from '../tfjs.js';
import { gatherAlong, gatherInBatch } from './gather.js';
import {
  asFloat,
  axisOf,
  constantData,
  filled,
  integer,
  type KernelCall,
  type Kernels,
  padAlong,
  refuse,
  reshape,
  reverseAlong,
  sliceAlong,
  type Translate,
} from './kernel-call.js';

/** Kernels that move elements: reshape, slice, pad, gather and their like. */
export const arrayKernels: Kernels = {
  Reshape: ({ operand, attributes, builder }) => {
    const x = operand('x');
    return reshape(builder, x, tf.util.inferFromImplicitShape(attributes['shape'] as number[], sizeOf(x.shape)));
  },
  ExpandDims: ({ operand, attributes, builder }) => {
    const input = operand('input');
    const dimension = attributes['dim'] as number;
    const shape = [...input.shape];
    shape.splice(dimension < 0 ? dimension + shape.length + 1 : dimension, 0, 1);
    return reshape(builder, input, shape);
  },
  Transpose: ({ operand, attributes, builder }) =>
    builder.make('transpose', [operand('x')], { permutation: attributes['perm'] as number[] }),
  Concat: ({ operands, attributes, builder }) =>
    builder.make('concat', operands, { axis: axisOf(operands[0], attributes['axis']) }),
  Pack: ({ operands, attributes, builder }) => {
    const rank = (operands[0]?.shape.length ?? 0) + 1;
    const axis = ((attributes['axis'] as number) + rank) % rank;
    const expanded = operands.map((value) =>
      reshape(builder, value, [...value.shape.slice(0, axis), 1, ...value.shape.slice(axis)]),
    );
    return builder.make('concat', expanded, { axis });
  },
  SplitV: ({ operand, attributes, builder }) => {
    const x = operand('x');
    const axis = axisOf(x, attributes['axis']);
    const sizes = tf.backend_util.prepareSplitSize(
      { shape: [...x.shape] } as never,
      attributes['numOrSizeSplits'] as number[],
      axis,
    );
    let start = 0;
    return sizes.map((size) => {
      start += size;
      return sliceAlong(builder, x, axis, start - size, size);
    });
  },
  Unpack: ({ operand, attributes, builder }) => {
    const value = operand('value');
    const axis = axisOf(value, attributes['axis']);
    const shape = value.shape.toSpliced(axis, 1);
    return Array.from({ length: value.shape[axis] ?? 0 }, (_, i) =>
      reshape(builder, sliceAlong(builder, value, axis, i, 1), shape),
    );
  },
  Slice: ({ operand, attributes, builder }) => {
    const x = operand('x');
    const shaped = { shape: [...x.shape], rank: x.shape.length } as never;
    const [begin = [], size = []] = tf.slice_util.parseSliceParams(
      shaped,
      attributes['begin'] as number[],
      attributes['size'] as number[],
    );
    return builder.make('slice', [x], { begin, size });
  },
  StridedSlice: ({ operand, attributes, builder }) => {
    const x = operand('x');
    const number = (name: string): number => attributes[name] as number;
    const { begin, end, strides, finalShape } = tf.slice_util.sliceInfo(
      [...x.shape],
      attributes['begin'] as number[],
      attributes['end'] as number[],
      attributes['strides'] as number[],
      number('beginMask'),
      number('endMask'),
      number('ellipsisMask'),
      number('newAxisMask'),
      number('shrinkAxisMask'),
    );
    const size = tf.slice_util.computeOutShape(begin, end, strides);
    // Of nothing an engine's begins and ends may lie outside.
    const taken = size.includes(0)
      ? builder.make('slice', [x], { begin: begin.map(() => 0), size })
      : builder.make('stridedSlice', [x], { begin, strides, size });
    return reshape(builder, taken, finalShape);
  },
  Reverse: ({ operand, attributes, builder }) => {
    const x = operand('x');
    return reverseAlong(builder, x, tf.util.parseAxisParam(attributes['dims'] as number[], [...x.shape]));
  },
  PadV2: ({ operand, attributes, builder }) =>
    builder.make('pad', [operand('x')], {
      paddings: attributes['paddings'] as [number, number][],
      value: attributes['constantValue'] as number,
    }),
  MirrorPad: ({ operand, attributes, builder }) => {
    const kept = attributes['mode'] === 'reflect' ? 0 : 1;
    return (attributes['paddings'] as [number, number][]).reduce((x, [before, after], axis) => {
      const size = x.shape[axis] ?? 0;
      const mirrored = (start: number, length: number): readonly Value[] =>
        length === 0 ? [] : [reverseAlong(builder, sliceAlong(builder, x, axis, start, length), [axis])];
      const parts = [...mirrored(1 - kept, before), x, ...mirrored(size - 1 - after + kept, after)];
      return parts.length === 1 ? x : builder.make('concat', parts, { axis });
    }, operand('x'));
  },
  /** Of axes of size 1, tfjs's way of broadcasting. */
  Tile: ({ operand, attributes, builder }) => {
    const x = operand('x');
    const repeats = attributes['reps'] as number[];
    return x.shape.every((size, axis) => size === 1 || repeats[axis] === 1)
      ? builder.make('broadcast', [x], { shape: x.shape.map((size, axis) => size * (repeats[axis] ?? 1)) })
      : builder.make('tile', [x], { repeats });
  },
  Fill: ({ attributes, builder }) =>
    filled(builder, attributes['value'] as number, attributes['shape'] as number[], attributes['dtype'] as string),
  Range: ({ attributes, builder }) => {
    const [start, stop, given] = [attributes['start'], attributes['stop'], attributes['step']] as [
      number,
      number,
      number,
    ];
    // tfjs counts down where no step is said.
    const step = stop < start && given === 1 ? -1 : given;
    const length = Math.max(0, Math.ceil((stop - start) / step));
    const values = Array.from({ length }, (_, i) => start + i * step);
    return ramp(builder, values, attributes['dtype'] as string);
  },
  LinSpace: ({ attributes, builder }) => {
    const [start, stop, count] = [attributes['start'], attributes['stop'], attributes['num']] as [
      number,
      number,
      number,
    ];
    const step = (stop - start) / Math.max(1, count - 1);
    return ramp(
      builder,
      Array.from({ length: count }, (_, i) => start + i * step),
      'float32',
    );
  },
  GatherV2: ({ operand, attributes, builder }) => {
    const [x, indices] = [operand('x'), operand('indices')];
    const axis = axisOf(x, attributes['axis']);
    const batchAxes = attributes['batchDims'] as number;
    if (batchAxes === 0) return gatherAlong(builder, x, indices, axis);
    if (batchAxes !== axis) throw refuse('GatherV2', 'with batchDims that are not its axis');
    return gatherInBatch(builder, x, indices, batchAxes);
  },
  UnsortedSegmentSum: segmentSum,
  OneHot: ({ operand, attributes, builder }) => {
    const ones = builder.make('oneHot', [operand('indices')], {
      depth: attributes['depth'] as number,
      on: attributes['onValue'] as number,
      off: attributes['offValue'] as number,
    });
    const dtype = attributes['dtype'] as DType;
    return dtype === 'float32' ? ones : builder.make('cast', [ones], { dtype });
  },
  Cumsum: prefix('add', 0),
  Cumprod: prefix('mul', 1),
  SpaceToBatchND: ({ operand, attributes, builder }) => {
    const x = operand('x');
    const block = attributes['blockShape'] as number[];
    const paddings = [[0, 0], ...(attributes['paddings'] as [number, number][])] as [number, number][];
    const padded = builder.make('pad', [x], { paddings: x.shape.map((_, i) => paddings[i] ?? [0, 0]), value: 0 });
    const [shape, product] = [[...padded.shape], sizeOf(block)];
    const split = reshape(builder, padded, tf.backend_util.getReshaped(shape, block, product, false));
    const permutation = tf.backend_util.getPermuted(split.shape.length, block.length, false);
    const moved = builder.make('transpose', [split], { permutation });
    return reshape(builder, moved, tf.backend_util.getReshapedPermuted(shape, block, product, false));
  },
  BatchToSpaceND: ({ operand, attributes, builder }) => {
    const x = operand('x');
    const block = attributes['blockShape'] as number[];
    const crops = attributes['crops'] as number[][];
    const [shape, product] = [[...x.shape], sizeOf(block)];
    const split = reshape(builder, x, tf.backend_util.getReshaped(shape, block, product));
    const permutation = tf.backend_util.getPermuted(split.shape.length, block.length);
    const whole = tf.backend_util.getReshapedPermuted(shape, block, product);
    const joined = reshape(builder, builder.make('transpose', [split], { permutation }), whole);
    const rest = whole.slice(block.length + 1);
    return builder.make('slice', [joined], {
      begin: [...tf.backend_util.getSliceBeginCoords(crops, block.length), ...rest.map(() => 0)],
      size: [...tf.backend_util.getSliceSize(whole, crops, block.length), ...rest],
    });
  },
};

function ramp(builder: Builder, values: readonly number[], dtype: string): Value {
  return builder.constant(constantData(values, dtype), [values.length], dtype as DType);
}

/** As tfjs: of float32, and rows with an id that is no segment count for nothing. */
function segmentSum({ operand, attributes, builder }: KernelCall): Value {
  const [x, ids] = [asFloat(builder, operand('x')), operand('segmentIds')];
  const segments = attributes['numSegments'] as number;
  if (ids.shape.length !== 1) throw refuse('UnsortedSegmentSum', 'with ids of more than one axis');
  const isValid = builder.make(
    'and',
    [
      builder.make('greaterEqual', [ids, integer(builder, 0)], {}),
      builder.make('less', [ids, integer(builder, segments)], {}),
    ],
    {},
  );
  const mask = reshape(builder, isValid, [...ids.shape, ...x.shape.slice(1).map(() => 1)]);
  return builder.make(
    'segmentSum',
    [
      builder.make('select', [mask, x, builder.scalar(0)], {}),
      builder.make('select', [isValid, ids, integer(builder, 0)], {}),
    ],
    { segments },
  );
}

/**
 * What comes of all elements up to each one along an axis, in log2(length) steps: after step k every element holds
 * the result of the last 2^k (Hillis and Steele 1986).
 */
function prefix(op: 'add' | 'mul', neutral: number): Translate {
  return ({ operand, attributes, builder }) => {
    const x = operand('x');
    const axis = axisOf(x, attributes['axis']);
    const length = x.shape[axis] ?? 1;
    const isReversed = attributes['reverse'] === true;
    const moved = (value: Value, by: number): Value => {
      const kept = sliceAlong(builder, value, axis, isReversed ? by : 0, length - by);
      return padAlong(builder, kept, axis, isReversed ? [0, by] : [by, 0], neutral);
    };
    let result = attributes['exclusive'] === true ? moved(x, 1) : x;
    for (let reach = 1; reach < length; reach *= 2) result = builder.make(op, [result, moved(result, reach)], {});
    return result;
  };
}
