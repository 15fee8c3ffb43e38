import { infer } from './infer.js';
import { checkOperandShapes } from './operand-shapes.js';
import { checkOperandTypes } from './operand-types.js';
import { type DType, type OpAttributes, type OpName, type Shape, sizeOf, type Value, type ValueOf } from './value.js';

/** Makes values. Two calls with the same operation, operands and attributes give one value: common subexpressions never exist. */
export interface Builder {
  input(name: string, shape: Shape, dtype: DType): ValueOf<'input'>;
  constant(data: Float32Array | Int32Array, shape: Shape, dtype?: DType): ValueOf<'constant'>;
  /** A float32 scalar. */
  scalar(value: number): ValueOf<'constant'>;
  /** Throws CompileError where shapes or types of the operands do not go together. */
  make<Op extends Exclude<OpName, 'input' | 'constant'>>(
    op: Op,
    operands: readonly Value[],
    attributes: OpAttributes[Op],
  ): Value;
}

/** Constants above this many elements are told apart by the array that holds them, not by content. */
const COMPARED_ELEMENTS = 64;

export function createBuilder(): Builder {
  const known = new Map<string, Value>();
  const arrays = new Map<object, number>();
  let next = 0;

  function intern(key: string, value: (id: number) => Value): Value {
    const existing = known.get(key);
    if (existing !== undefined) return existing;
    const made = value(next++);
    known.set(key, made);
    return made;
  }

  function numberOf(array: object): number {
    const number = arrays.get(array) ?? arrays.size;
    arrays.set(array, number);
    return number;
  }

  const constant: Builder['constant'] = (data, shape, dtype = data instanceof Int32Array ? 'int32' : 'float32') => {
    const content = data.length <= COMPARED_ELEMENTS ? Array.from(data, describeNumber).join() : `#${numberOf(data)}`;
    return intern(`constant ${dtype} ${shape.join()} ${content}`, (id) => ({
      id,
      builder,
      op: 'constant',
      operands: [],
      attributes: { data },
      shape,
      dtype,
    })) as ValueOf<'constant'>;
  };

  const builder: Builder = {
    constant,
    scalar: (value) => constant(Float32Array.of(value), []),
    input: (name, shape, dtype) =>
      intern(`input ${name} ${dtype} ${shape.join()}`, (id) => ({
        id,
        builder,
        op: 'input',
        operands: [],
        attributes: { name },
        shape,
        dtype,
      })) as ValueOf<'input'>,
    make(op, operands, attributes) {
      let key: string = op;
      for (const { id } of operands) key += ` ${id}`;
      return intern(`${key} ${describeAttributes(attributes)}`, (id) => {
        checkOperandTypes(op, operands);
        checkOperandShapes(op, operands, attributes);
        const { shape, dtype } = (infer[op] as (o: readonly Value[], a: unknown) => { shape: Shape; dtype: DType })(
          operands,
          attributes,
        );
        // One after the other, not spread: values then have one form in memory, whatever they are.
        return { id, builder, op, operands, attributes, shape, dtype } as Value;
      });
    },
  };
  return builder;
}

/** Attributes as text. For NaN and both infinities JSON has one word, null, and a function that is asked of each value is slow. */
export function describeAttributes(attributes: object): string {
  const text = JSON.stringify(attributes);
  if (!text.includes('null')) return text;
  return JSON.stringify(attributes, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

/** Tells -0 from 0, which its text alone does not. */
export function describeNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The number that a one-element float constant holds; undefined for anything else. */
export function scalarConstant(value: Value): number | undefined {
  return value.op === 'constant' && sizeOf(value.shape) === 1 && value.dtype === 'float32'
    ? value.attributes.data[0]
    : undefined;
}
