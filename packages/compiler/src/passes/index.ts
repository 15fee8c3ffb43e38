import type { TracedLoop } from '../loop.js';
import { type DeferredUpdate, deferUpdates } from './defer-updates.js';
import { fuseProducts } from './fuse.js';
import { chooseLayout } from './layout.js';
import { poolBeforeRelu } from './pool-before-relu.js';
import { maskFromRelu } from './relu-mask.js';
import { mapScanBodies } from './scan-bodies.js';
import { simplify } from './simplify.js';
import { sinkScales } from './sink-scale.js';
import { recogniseSoftmax } from './softmax.js';
import { splitUpdates } from './split-updates.js';

/** A loop ready to be lowered. */
export interface OptimisedLoop extends TracedLoop {
  /** Carried inputs, by their input name, that the body keeps transposed. */
  readonly transposed: ReadonlySet<string>;
  /** Carried matrices that the body does without. Where there are any, a job is one call: where it were cut would change its bits. */
  readonly deferred: readonly DeferredUpdate[];
  /** Whether it gives the sum of several jobs: it was asked to, and there are deferred updates, which then are never written for single ones. */
  readonly isSummed: boolean;
}

/** The passes that help on any runtime, in their order; each is a function from graph to graph. */
export function simplifyLoop(loop: TracedLoop): TracedLoop {
  const simple = simplify(mapScanBodies(loop.body, simplify));
  const clean = poolBeforeRelu(maskFromRelu(recogniseSoftmax(simple)));
  return { ...loop, body: simplify(sinkScales(splitUpdates(clean))) };
}

/** All passes: after those for any runtime, layouts and fused products, which are what ONNX Runtime is fast with. */
export function optimise(loop: TracedLoop): OptimisedLoop {
  const simple = simplifyLoop(loop).body;
  const { graph: body, deferred } = loop.definition.isShort ? deferUpdates(simple) : { graph: simple, deferred: [] };
  const { graph, transposed } = chooseLayout(body);
  const isSummed = loop.definition.isSummed === true && deferred.length > 0;
  return { ...loop, body: fuseProducts(graph), transposed, deferred, isSummed };
}

export { type DeferredUpdate, fuseProducts, simplify };
