import { Compare } from './compare.js';
import { Doctor } from './doctor.js';
import { Plan } from './plan.js';
import { Resume } from './resume.js';
import { Run } from './run.js';
import { Runs } from './runs.js';
import { RunsGc } from './runs-gc.js';
import { RunsRm } from './runs-rm.js';
import { RunsShow } from './runs-show.js';
import { SetupTensorflow } from './setup/tensorflow.js';
import { Validate } from './validate.js';

/** The commands by name, as oclif's explicit discovery reads them; a colon is a space on the command line. */
export const commands = {
  compare: Compare,
  doctor: Doctor,
  plan: Plan,
  resume: Resume,
  run: Run,
  runs: Runs,
  'runs:gc': RunsGc,
  'runs:rm': RunsRm,
  'runs:show': RunsShow,
  'setup:tensorflow': SetupTensorflow,
  validate: Validate,
};
