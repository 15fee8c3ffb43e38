import { operand, topologicalOrder, type Value, type ValueOf } from '../ir/index.js';
import { openCountedLoop } from './counted-loop.js';
import { lower } from './lowerings.js';
import { DataType, dataTypes } from './nodes.js';
import type { FunctionDef } from './proto/saved_model_pb.js';
import type { Scope } from './scope.js';

const INT32 = { type: DataType.DT_INT32 } as const;

/** Lowers one value whose operands' names in the scope are known. Functions of scans go to `library`. */
export function emitValue(
  value: Exclude<Value, ValueOf<'input'> | ValueOf<'constant'>>,
  inputs: readonly string[],
  scope: Scope,
  library: FunctionDef[],
): string {
  return value.op === 'scan' ? emitScan(value, inputs, scope, library) : lower(value, inputs, scope);
}

/** A loop of its own, which collects the states. */
function emitScan(
  { operands, shape, attributes: { body, length, cut, reverse } }: ValueOf<'scan'>,
  [initial = '', ...inputs]: readonly string[],
  scope: Scope,
  library: FunctionDef[],
): string {
  const state = operand(operands, 0).shape;
  const loop = openCountedLoop(scope, library, { iterations: scope.int32([length], []) });
  const { inner } = loop;
  const place = reverse ? inner.emit('Sub', [inner.int32([length - 1], []), loop.index], { T: INT32 }) : loop.index;
  const carried = loop.variable(DataType.DT_FLOAT, state, initial);
  const standing = inputs.map((input, i) => {
    const { dtype, shape: whole } = operand(operands, i + 1);
    return loop.variable(dataTypes[dtype], whole, input);
  });
  const ofStep = standing.map(({ name, type }, i) =>
    i >= cut
      ? name
      : inner.emit('GatherV2', [name, place, inner.int32([0], [])], {
          Tparams: { type },
          Tindices: INT32,
          Taxis: INT32,
        }),
  );

  const names = new Map<Value, string>();
  for (const value of topologicalOrder(body.graph)) {
    if (value.op === 'constant') names.set(value, inner.constantOf(value));
    else if (value.op === 'input') {
      const [kind, index] = value.attributes.name.split('/');
      const first = kind === 'cut' ? 0 : cut;
      names.set(value, kind === 'state' ? carried.name : (ofStep[first + Number(index)] ?? ''));
    } else {
      const known = value.operands.map((one) => names.get(one) ?? '');
      names.set(value, emitValue(value, known, inner, library));
    }
  }
  carried.next = names.get(body.graph.state) ?? '';
  const states = loop.collect('float32', shape.slice(1), carried.next, place);
  loop.finish();
  return loop.collected(states, 'float32', shape.slice(1));
}
