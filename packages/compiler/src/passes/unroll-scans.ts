import {
  type Builder,
  type Graph,
  operand,
  rebuild,
  rewrite,
  topologicalOrder,
  type Value,
  type ValueOf,
} from '../ir/index.js';

/** Every scan step by step, for readers that know no loop: the graph grows with the length. */
export function unrollScans(graph: Graph): Graph {
  return rewrite(graph, place);
}

function place(value: Value, operands: readonly Value[], builder: Builder): Value {
  return value.op === 'scan' ? unroll(value, operands, builder) : rebuild(value, operands, builder);
}

function unroll(
  { attributes: { body, length, cut, reverse } }: ValueOf<'scan'>,
  operands: readonly Value[],
  builder: Builder,
): Value {
  const order = topologicalOrder(body.graph);
  const cuts = operands.slice(1, 1 + cut);
  const states = new Array<Value>(length);
  let state = operand(operands, 0);
  for (let step = 0; step < length; step++) {
    const at = reverse ? length - 1 - step : step;
    const known = new Map<string, Value>([
      ['state', state],
      ...cuts.map((whole, i) => [`cut/${i}`, entry(whole, at, builder)] as const),
      ...operands.slice(1 + cut).map((outer, i) => [`outer/${i}`, outer] as const),
    ]);
    const placed = new Map<Value, Value>();
    for (const value of order) {
      const given = value.op === 'input' ? known.get(value.attributes.name) : undefined;
      const own = value.operands.map((one) => placed.get(one) ?? one);
      placed.set(value, given ?? place(value, own, builder));
    }
    state = placed.get(body.graph.state) ?? state;
    states[at] = builder.make('reshape', [state], { shape: [1, ...state.shape] });
  }
  return builder.make('concat', states, { axis: 0 });
}

/** `x[at]`. */
function entry(x: Value, at: number, builder: Builder): Value {
  const shape = x.shape.slice(1);
  const begin = [at, ...shape.map(() => 0)];
  const slice = builder.make('slice', [x], { begin, size: [1, ...shape] });
  return builder.make('reshape', [slice], { shape });
}
