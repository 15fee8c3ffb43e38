import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

/** The arguments of every command that reads a spec. */
export const specArguments = {
  spec: Args.string({ required: true, ignoreStdin: true, description: 'The YAML file that describes the experiment.' }),
  overrides: Args.string({
    multiple: true,
    ignoreStdin: true,
    description: 'Changes to the spec as path=value, e.g. server.rounds=10 or strategy.mu=0.1.',
  }),
};

/** `--json`, which every command has. We print the document ourselves: oclif's own flag would wrap errors its way. */
export const jsonFlag = Flags.boolean({ description: 'Print exactly one JSON document on stdout, errors too.' });
