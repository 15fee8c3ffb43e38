import { type Graph, operand, type Rule, rewrite, type Value } from '../../ir/index.js';
import { patchConvolution, patchFilterGradient, patchInputGradient } from './patch-products.js';
import type { Placement } from './patches.js';
import { findPlacements, plain } from './placements.js';
import { pool, poolGradient } from './pools.js';
import { winogradConvolution, winogradFilterGradient, winogradInputGradient } from './winograd.js';

/**
 * Convolutions and their gradients as products of matrices: by minimal filters where these are quicker, otherwise of the patches
 * that the windows see. Where a pool follows whose windows lie side by side, places come in the order of those within a
 * window, so that the pool is a maximum of slices and its gradient needs no scattering. By shape alone, never by timing.
 */
export function expandConvolutions(graph: Graph): Graph {
  const placements = findPlacements(graph);
  const placementOf = (value: Value): Placement => placements.get(value) ?? plain(value);
  const tables = new Map<string, Value>();
  const expand: Rule = (value, operands, builder) => {
    const table = (key: string, make: () => Int32Array | Float32Array, shape: readonly number[]): Value => {
      const known = tables.get(key) ?? builder.constant(make(), shape);
      tables.set(key, known);
      return known;
    };
    const site = { builder, operands, table };
    switch (value.op) {
      case 'conv2d': {
        const placement = placementOf(value);
        return winogradConvolution(site, value, placement) ?? patchConvolution(site, value, placement);
      }
      case 'conv2dFilterGradient': {
        const placement = placementOf(operand(value.operands, 1));
        return winogradFilterGradient(site, value, placement) ?? patchFilterGradient(site, value, placement);
      }
      case 'conv2dInputGradient': {
        const placement = placementOf(operand(value.operands, 0));
        return winogradInputGradient(site, value, placement) ?? patchInputGradient(site, value, placement);
      }
      case 'maxPool':
        return placements.has(operand(value.operands, 0)) ? pool(site, value) : undefined;
      case 'maxPoolGradient':
        return placements.has(value) ? poolGradient(site, value) : undefined;
      default:
        return undefined;
    }
  };
  return rewrite(graph, expand);
}
