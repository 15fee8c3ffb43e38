/** fedx and its peers on the seed experiment. */
import { measureSpec, measureStart } from './command.js';
import { measureTracking } from './tracking.js';
import { measureRounds, measureSteps } from './training.js';

export const seed = {
  steps: measureSteps,
  round: measureRounds,
  start: measureStart,
  spec: measureSpec,
  tracking: measureTracking,
};
