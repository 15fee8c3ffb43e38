export type { ChosenSink } from './plugin-filler.js';
export { type SyncSummary, sync } from './sync.js';
export { type MissingSummary, syncMissing } from './sync-missing.js';
export { type InvocationTracking, trackInvocation } from './track-invocation.js';
export { type SinkTracking, trackSinks } from './track-sinks.js';
