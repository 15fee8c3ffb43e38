export { type Candidate, type CommandShape, candidatesFor } from './candidates.js';
export { completionScripts, type Shell, shells } from './shells.js';
export { specFiles } from './spec-files.js';
export { overridePaths } from './spec-paths.js';
export { readSpecSchema } from './spec-schema.js';
