import { Complete } from './complete.js';
import { Completion } from './completion.js';
import { Plan } from './plan.js';
import { Run } from './run.js';
import { Schema } from './schema.js';
import { Validate } from './validate.js';

/** The commands by name, as oclif's explicit discovery reads them. */
export const commands = {
  complete: Complete,
  completion: Completion,
  plan: Plan,
  run: Run,
  schema: Schema,
  validate: Validate,
};
