import { Plan } from './plan.js';
import { Run } from './run.js';
import { Sync } from './sync.js';
import { Validate } from './validate.js';

/** The commands by name, as oclif's explicit discovery reads them. */
export const commands = { plan: Plan, run: Run, sync: Sync, validate: Validate };
