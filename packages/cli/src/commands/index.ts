import { Compare } from './compare.js';
import { Complete } from './complete.js';
import { Completion } from './completion.js';
import { Doctor } from './doctor.js';
import { Export } from './export.js';
import { Init } from './init.js';
import { New } from './new.js';
import { Plan } from './plan.js';
import { Plugins } from './plugins.js';
import { PluginsShow } from './plugins-show.js';
import { Resume } from './resume.js';
import { Run } from './run.js';
import { Runs } from './runs.js';
import { RunsGc } from './runs-gc.js';
import { RunsRm } from './runs-rm.js';
import { RunsShow } from './runs-show.js';
import { Schema } from './schema.js';
import { SetupMlflow } from './setup/mlflow.js';
import { SetupTensorflow } from './setup/tensorflow.js';
import { Sync } from './sync.js';
import { Ui } from './ui.js';
import { Validate } from './validate.js';
import { Verify } from './verify.js';

/** The commands by name, as oclif's explicit discovery reads them; a colon is a space on the command line. */
export const commands = {
  compare: Compare,
  complete: Complete,
  completion: Completion,
  doctor: Doctor,
  export: Export,
  init: Init,
  new: New,
  plan: Plan,
  plugins: Plugins,
  'plugins:show': PluginsShow,
  resume: Resume,
  run: Run,
  runs: Runs,
  'runs:gc': RunsGc,
  'runs:rm': RunsRm,
  'runs:show': RunsShow,
  schema: Schema,
  'setup:mlflow': SetupMlflow,
  'setup:tensorflow': SetupTensorflow,
  sync: Sync,
  ui: Ui,
  validate: Validate,
  verify: Verify,
};
