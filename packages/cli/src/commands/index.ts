import { Plan } from './plan.js';
import { Resume } from './resume.js';
import { Run } from './run.js';
import { Validate } from './validate.js';

/** The commands by name, as oclif's explicit discovery reads them. */
export const commands = { plan: Plan, resume: Resume, run: Run, validate: Validate };
