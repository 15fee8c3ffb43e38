export { renderDiagnostics } from './diagnostics.js';
export type { ClientSpec, ControlSpec, ExpectSpec, ExperimentSpec, Slot, StreamName } from './experiment-spec.js';
export { suggest } from './nearest-name.js';
export { argumentOverrides } from './overrides.js';
export { hashSpec, printSpec } from './print.js';
export { readSpec } from './read-spec.js';
export { type ParsedSpec, parseSpec, resolveSpec } from './resolve.js';
export type { SeedRequest } from './seeds.js';
export { overridesText, resolveSweep, type SpecPoint } from './sweep.js';
