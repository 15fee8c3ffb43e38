import { Doctor } from './doctor.js';
import { Plan } from './plan.js';
import { Run } from './run.js';
import { SetupTensorflow } from './setup/tensorflow.js';
import { Validate } from './validate.js';

/** The commands by name, as oclif's explicit discovery reads them. */
export const commands = {
  doctor: Doctor,
  plan: Plan,
  run: Run,
  'setup:tensorflow': SetupTensorflow,
  validate: Validate,
};
