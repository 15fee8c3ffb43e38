export { renderDiagnostics } from './document/diagnostics.js';
export { draftSpec } from './document/draft.js';
export { argumentOverrides } from './document/overrides.js';
export { readSpec } from './document/read-spec.js';
export { fillSecrets } from './document/variables.js';
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
export { type ExplainedValue, explainSpec, type Origin } from './origins.js';
export { hashSpec, printSpec } from './print.js';
export { type ParsedSpec, parseSpec, resolveSpec } from './resolve.js';
export { editorSchema } from './schema/editor-schema.js';
export type { JsonSchema } from './schema/json-schema.js';
export { movePaths } from './slots/paths.js';
export { resolveOptions } from './slots/plugin-options.js';
export { slotLists, slotPlaces, valueAt } from './slots/slots.js';
export type { SeedRequest } from './sweep/seeds.js';
export { overridesText, resolveSweep, type SpecPoint } from './sweep/sweep.js';
