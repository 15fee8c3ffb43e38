/** What strategies cost beside their clients' training, what their rules add to it, and what the split takes. */
import { measureLocalSteps } from './local-steps.js';
import { measurePartition } from './partition.js';
import { measureServerStep } from './server-step.js';

export const strategies = {
  'server-step': measureServerStep,
  'local-steps': measureLocalSteps,
  partition: measurePartition,
};
