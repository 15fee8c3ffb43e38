import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { runFlags, startRuns } from '../start-runs.js';

/** `fedx resume`: goes on with a run, or with all that an invocation did not get to. */
export class Resume extends Command {
  static override summary = 'Go on with a run that was interrupted, killed or failed.';
  static override description = [
    'A run goes on from its last checkpoint, with the spec as it was and the same arguments; its results are those of a run ' +
      'that nothing happened to, bit for bit. Steps after the checkpoint are computed again and compared with the journal.',
    'Of a sweep, points that completed are passed over and the others run. The report covers all points, or the one of the ' +
      'run that is named.',
    'Exit codes are those of fedx run.',
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %> 20261123-113815-noniid-mnist-6e05',
    '<%= config.bin %> <%= command.id %> latest',
  ];
  static override args = {
    run: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'Id of a run or of an invocation, the beginning of one, the folder of a run, or latest.',
    }),
  };
  static override flags = {
    ...runFlags,
    force: Flags.boolean({ description: 'Go on although plugins, versions or data have changed since.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Resume);
    return startRuns(flags, (host, options) => host.resume(args.run, { ...options, force: flags.force }));
  }
}
