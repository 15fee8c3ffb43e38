export { renderDiagnostics } from './diagnostics.js';
export { editorSchema } from './editor-schema.js';
export type { ClientSpec, ControlSpec, ExpectSpec, ExperimentSpec, Slot, StreamName } from './experiment-spec.js';
export type { JsonSchema } from './json-schema.js';
export { type ExplainedValue, explainSpec, type Origin } from './origins.js';
export { hashSpec, printSpec } from './print.js';
export { readSpec } from './read-spec.js';
export { type ParsedSpec, parseSpec, resolveSpec } from './resolve.js';
export { fillSecrets } from './variables.js';
