export { type SyncSummary, sync } from './sync.js';
export { withTracking } from './with-tracking.js';
