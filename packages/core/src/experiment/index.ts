export { compileLocalTraining, type Trained } from './local-training.js';
export { checkedAggregate, checkedCandidates, checkedCohort } from './plugin-calls.js';
export { createUpdates } from './updates.js';
export { createUplink, type Uplink } from './uplink.js';
