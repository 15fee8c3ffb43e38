export { type Builder, createBuilder, scalarConstant } from './builder.js';
export { countUses, type Graph, print, rebuild, rewrite, rewriteToFixpoint, type Rule, topologicalOrder } from './graph.js';
export { broadcastShapes, operand } from './infer.js';
export { type DType, type OpAttributes, type OpName, sameShape, type Shape, sizeOf, type Value, type ValueOf } from './value.js';
