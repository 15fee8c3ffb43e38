/** Exit codes of the command line. */
export const exitCodes = {
  done: 0,
  runFailed: 1,
  invalid: 2,
  expectationMissed: 3,
  pluginFailed: 4,
  environment: 5,
  interrupted: 130,
} as const;

interface CatalogueEntry {
  readonly exitCode: number;
  /** What the error means, for docs/errors.md. */
  readonly meaning: string;
  /** What to do about it. */
  readonly hint: string;
}

const { invalid, runFailed, pluginFailed, environment, interrupted } = exitCodes;

/** The one list of errors. A test holds it against docs/errors.md both ways. */
export const catalogue = {
  FEDX_USAGE: {
    exitCode: invalid,
    meaning: 'The command line has an unknown command or flag, or lacks an argument.',
    hint: 'See fedx --help, or --help after a command.',
  },
  FEDX_SPEC_NOT_FOUND: {
    exitCode: invalid,
    meaning: 'The spec file, or one that it extends, does not exist or cannot be read.',
    hint: 'Check the path; specs that ship with fedx lie in experiments/.',
  },
  FEDX_SPEC_TOO_LARGE: {
    exitCode: invalid,
    meaning: 'The spec is larger or nests deeper than any spec needs.',
    hint: 'Check that the file is the spec and not data.',
  },
  FEDX_SPEC_SYNTAX: {
    exitCode: invalid,
    meaning: 'The spec is not well-formed YAML.',
    hint: 'Mend the YAML at the marked place.',
  },
  FEDX_SPEC_INVALID: {
    exitCode: invalid,
    meaning: 'The spec is well-formed, but says something that fedx does not know or allow.',
    hint: 'Mend the marked places.',
  },
  FEDX_OVERRIDE_INVALID: {
    exitCode: invalid,
    meaning: 'A path=value argument cannot be applied to the spec.',
    hint: 'Write path=value, e.g. strategy.mu=0.1.',
  },
  FEDX_PLUGIN_NOT_FOUND: {
    exitCode: invalid,
    meaning: 'A plugin file or package named by the spec does not exist.',
    hint: 'Check the path, which starts at the folder of the spec, or install the package.',
  },
  FEDX_PLUGIN_VERSION: {
    exitCode: pluginFailed,
    meaning: 'A plugin was made for another version of fedx.',
    hint: 'Install a version of the plugin for this fedx, or the fedx that the plugin asks for.',
  },
  FEDX_PLUGIN_INVALID: {
    exitCode: pluginFailed,
    meaning: 'A plugin file does not export what a define… helper makes, or two plugins share a name.',
    hint: 'Export the result of a define… helper.',
  },
  FEDX_PLUGIN_FAILED: {
    exitCode: pluginFailed,
    meaning: 'A plugin threw, or returned something of the wrong shape.',
    hint: 'docs/plugins.md says what each kind of plugin gets and returns; DEBUG=1 shows the stack.',
  },
  FEDX_DATA_NOT_FOUND: {
    exitCode: environment,
    meaning: 'A dataset is not where it should be.',
    hint: 'Check the path or install the package that the message names.',
  },
  FEDX_DATA_CORRUPT: {
    exitCode: environment,
    meaning: 'A data file is not what it should be: truncated, of another format, or changed.',
    hint: 'Fetch the file again.',
  },
  FEDX_DOWNLOAD_FAILED: {
    exitCode: environment,
    meaning: 'A dataset could not be downloaded from any of its mirrors.',
    hint: 'Check the network and run again; what came is kept.',
  },
  FEDX_PARTITION_IMPOSSIBLE: {
    exitCode: invalid,
    meaning: 'The data cannot be split as the spec asks.',
    hint: 'Use fewer clients, another share, or more data.',
  },
  FEDX_COMPILE_UNSUPPORTED_OP: {
    exitCode: pluginFailed,
    meaning: 'A traced function calls a tfjs operation that the compiler cannot lower, or that has no gradient.',
    hint: 'Write it with supported operations.',
  },
  FEDX_COMPILE_FAILED: {
    exitCode: pluginFailed,
    meaning: 'A traced function cannot be compiled.',
    hint: 'A traced function must be pure tfjs, without reads of values or promises, on shapes that go together.',
  },
  FEDX_ENGINE_UNAVAILABLE: {
    exitCode: environment,
    meaning: 'The engine that the spec asks for cannot run here.',
    hint: 'Use engine.use=auto, or install what the message names.',
  },
  FEDX_SETUP_PREREQUISITE: {
    exitCode: environment,
    meaning: 'A setup needs a program that is not on this machine.',
    hint: 'Install what the message names and start the setup again: it goes on where it stopped.',
  },
  FEDX_SETUP_FAILED: {
    exitCode: environment,
    meaning: 'A step of a setup failed; nothing that was set up before has changed.',
    hint: 'The message names the step and its log. Start the setup again: it goes on where it stopped.',
  },
  FEDX_WORKER_FAILED: {
    exitCode: runFailed,
    meaning: 'Workers kept failing on the same piece of work.',
    hint: 'Try executor.workers=1 to see whether memory is short.',
  },
  FEDX_EXPORT_FAILED: {
    exitCode: invalid,
    meaning: 'The run has no such model to export.',
    hint: 'fedx runs show RUN lists the arms of a run and their models.',
  },
  FEDX_MODEL_SHAPE: {
    exitCode: invalid,
    meaning: 'The model is not for examples of this shape.',
    hint: 'Choose a model for this kind of data, or another dataset.',
  },
  FEDX_COHORT_TOO_LARGE: {
    exitCode: invalid,
    meaning: 'A round wants clients that the federation does not have, or more than take part in it.',
    hint: 'Lower server.cohort, or raise the number of clients in partition.',
  },
  FEDX_STRATEGY_UNMET: {
    exitCode: invalid,
    meaning: 'The strategy needs another local training than the spec has.',
    hint: 'Change client.optimizer or client.clip as the message says, or use another strategy.',
  },
  FEDX_ENVIRONMENT_IMPOSSIBLE: {
    exitCode: invalid,
    meaning:
      'The environment names clients that the federation does not have, or a share of them that is not one client.',
    hint: 'Client numbers start from 0; lower them, or raise the number of clients in partition.',
  },
  FEDX_PRIVACY_UNMET: {
    exitCode: invalid,
    meaning: 'What the spec asks for would not be as private as it says.',
    hint: 'Change transforms, the sampler or the weights as the message says.',
  },
  FEDX_RUN_DIVERGED: {
    exitCode: runFailed,
    meaning: 'Training produced a loss or parameters that are not finite.',
    hint: 'Lower client.optimizer.learningRate.',
  },
  FEDX_CLIENT_TIMEOUT: {
    exitCode: runFailed,
    meaning: 'A client took longer than client.timeout in a round.',
    hint: 'Raise client.timeout, or leave such clients out with client.onFailure=exclude.',
  },
  FEDX_METRIC_MISSING: {
    exitCode: invalid,
    meaning: 'The spec asks for a metric that no evaluation has.',
    hint: 'docs/architecture.md lists the metrics.',
  },
  FEDX_COHORT_TOO_SMALL: {
    exitCode: runFailed,
    meaning: 'So many clients of a round failed that fewer than server.minimumCohort were left.',
    hint: 'The journal says why each client failed; lower server.minimumCohort where so few are enough.',
  },
  FEDX_EXPECTATION_MISSING: {
    exitCode: invalid,
    meaning: 'fedx verify was given only specs without expect.',
    hint: 'Write what the results should be under expect, or use fedx run.',
  },
  FEDX_RUN_INTERRUPTED: {
    exitCode: interrupted,
    meaning: 'The run was interrupted; what was done so far is in the run folder.',
    hint: 'fedx resume RUN goes on with it.',
  },
  FEDX_RUN_OUT_OF_TIME: {
    exitCode: interrupted,
    meaning: 'server.maxSeconds were over before the run was done; what was done so far is in the run folder.',
    hint: 'fedx resume RUN goes on with it for as long again.',
  },
  FEDX_RUN_NOT_FOUND: {
    exitCode: invalid,
    meaning: 'There is no such run or invocation in this folder, or the name fits several.',
    hint: 'fedx runs lists them; the beginning of an id is enough where no other begins alike.',
  },
  FEDX_RUN_BUSY: {
    exitCode: invalid,
    meaning: 'A process still works on the run or invocation.',
    hint: 'Wait until it ends, or end it with Ctrl-C.',
  },
  FEDX_RESUME_CHANGED: {
    exitCode: invalid,
    meaning: 'What a run depends on is no longer what it began with: spec, plugins, data, versions or machine.',
    hint: 'Undo the change, start anew with fedx run, or go on all the same with --force.',
  },
  FEDX_RESUME_DIFFERS: {
    exitCode: runFailed,
    meaning: 'A step that was computed again is not what the journal holds of it.',
    hint: 'Start anew with fedx run, or go on all the same with --force; a plugin that reads a clock or draws from no stream of fedx cannot be resumed.',
  },
  FEDX_COMPARE_IMPOSSIBLE: {
    exitCode: invalid,
    meaning: 'The runs cannot be compared as asked.',
    hint: 'The message says what there is to compare.',
  },
  FEDX_FILE_EXISTS: {
    exitCode: invalid,
    meaning: 'A file that a command was to write is there already.',
    hint: 'Choose another folder or name; nothing was written.',
  },
  FEDX_STORAGE_FAILED: {
    exitCode: environment,
    meaning: 'A file of a run or of the cache could not be written or read.',
    hint: 'Make room or choose another folder.',
  },
  FEDX_JOURNAL_CORRUPT: {
    exitCode: environment,
    meaning: 'A journal holds a line that is neither whole nor a torn tail.',
    hint: 'The lines before it can still be read.',
  },
  FEDX_TRACKING_FAILED: {
    exitCode: environment,
    meaning: 'The MLflow server cannot be reached, or refuses what it is told.',
    hint: 'Start the server or mend MLFLOW_TRACKING_URI, then run fedx sync with the id of the run.',
  },
  FEDX_TRACKING_MISMATCH: {
    exitCode: runFailed,
    meaning: 'The MLflow server holds metric points of a run that its journal does not hold, or holds some twice.',
    hint: 'Delete that run on the server and run fedx sync again; the journal is the truth.',
  },
  FEDX_TRACKING_BUSY: {
    exitCode: environment,
    meaning: 'Another process is sending the same run to the same MLflow server.',
    hint: 'Wait until it has ended.',
  },
  FEDX_UI_UNAVAILABLE: {
    exitCode: environment,
    meaning: 'fedx ui finds no MLflow, or its server does not start.',
    hint: 'fedx setup mlflow installs it; where the server does not start, the log that the message names says why.',
  },
  FEDX_UI_BUSY: {
    exitCode: environment,
    meaning: 'Another fedx ui shows this project already, or the port that was asked for is taken.',
    hint: 'Use the one that runs, or end it; without --port a free one is taken.',
  },
  FEDX_INTERNAL: {
    exitCode: runFailed,
    meaning: 'fedx broke one of its own rules.',
    hint: 'Please report it with the message.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;
