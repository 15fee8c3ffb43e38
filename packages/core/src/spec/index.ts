export { renderDiagnostics } from './diagnostics.js';
export { draftSpec } from './draft.js';
export { editorSchema } from './editor-schema.js';
export type {
  CheckpointSpec,
  ClientSpec,
  ControlSpec,
  EnvironmentSpec,
  ExpectSpec,
  ExperimentSpec,
  FigureAt,
  Slot,
  StopSpec,
  StreamName,
} from './experiment-spec.js';
export type { JsonSchema } from './json-schema.js';
export { nearestName, suggest } from './nearest-name.js';
export { type ExplainedValue, explainSpec, type Origin } from './origins.js';
export { argumentOverrides } from './overrides.js';
export { movePaths } from './paths.js';
export { resolveOptions } from './plugin-options.js';
export { hashSpec, printSpec } from './print.js';
export { readSpec } from './read-spec.js';
export { type ParsedSpec, parseSpec, resolveSpec } from './resolve.js';
export type { SeedRequest } from './seeds.js';
export { slotLists, slotPlaces, valueAt } from './slots.js';
export { overridesText, resolveSweep, type SpecPoint } from './sweep.js';
export { fillSecrets } from './variables.js';
