/** Specs that nobody should write: each must be refused with a code, quickly, and without a trace of a crash. */
import { malformed, unknownKeys } from './documents.js';
import type { HostileSpec } from './good-spec.js';
import { bases, overrides, paths, variables } from './references.js';
import { swapped } from './values.js';

export type { HostileSpec };

/** All of them, by group. */
export const hostileSpecs: Readonly<Record<string, readonly HostileSpec[]>> = {
  'values of the wrong type': swapped,
  'keys that are unknown or too many': unknownKeys,
  'documents that are malformed or explode': malformed,
  'names and plugins that lead elsewhere': paths,
  'bases that are not to be had': bases,
  'environment variables': variables,
  arguments: overrides,
};
