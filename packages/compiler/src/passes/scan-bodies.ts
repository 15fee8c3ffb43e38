import { type Graph, rewrite, scanBody } from '../ir/index.js';

/** Applies `pass` to the steps of all scans, those within steps first. */
export function mapScanBodies(graph: Graph, pass: (body: Graph) => Graph): Graph {
  return rewrite(graph, (value, operands, builder) => {
    if (value.op !== 'scan') return undefined;
    const { state } = pass(mapScanBodies(value.attributes.body.graph, pass));
    return state && builder.make('scan', operands, { ...value.attributes, body: scanBody({ state }) });
  });
}
