import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import { runFlags, startRuns } from './start-runs.js';

/** `fedx resume`: runs what an invocation did not get to. */
export class Resume extends Command {
  static override summary = 'Run the points of a sweep that are missing or failed.';
  static override description = [
    'Takes up a fedx run again: points that completed are passed over, the others run anew, with the spec as it was and ' +
      'the same arguments. The report covers all points, so that it reads as if nothing had happened.',
    'Exit codes are those of fedx run.',
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %> 20261123-113815-noniid-mnist-6e05',
    '<%= config.bin %> <%= command.id %> latest',
  ];
  static override args = {
    invocation: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'Id of the invocation, the beginning of one, or latest.',
    }),
  };
  static override flags = runFlags;

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Resume);
    return startRuns(flags, (host, options) => host.resume(args.invocation, options));
  }
}
