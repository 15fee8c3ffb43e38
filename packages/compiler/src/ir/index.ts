export { type Builder, createBuilder, scalarConstant } from './builder.js';
export {
  countUses,
  findOrder,
  type Graph,
  print,
  type Rule,
  rebuild,
  rewrite,
  rewriteToFixpoint,
  scanBody,
  topologicalOrder,
} from './graph.js';
export { broadcastShapes, operand } from './infer.js';
export { OperandShapeError, shapesOf } from './operand-shapes.js';
export { OperandTypeError } from './operand-types.js';
export { makeScan } from './scan.js';
export {
  bytesOf,
  type DType,
  type OpAttributes,
  type OpName,
  type Pair,
  type ScanBody,
  type Shape,
  sameShape,
  sizeOf,
  type Value,
  type ValueOf,
  type Window,
} from './value.js';
