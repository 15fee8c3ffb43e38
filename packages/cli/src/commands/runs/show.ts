import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import { jsonFlag } from '../../spec-arguments.js';

/** `fedx runs show`: all that matters of one run. */
export class RunsShow extends Command {
  static override summary = 'Show one run.';
  static override description =
    'What was run, how it ended, the last value of every metric of each arm, and where its files lie.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> latest',
    '<%= config.bin %> <%= command.id %> 20261123-1138 --json',
  ];
  static override args = {
    run: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'Id of the run, the beginning of one, its folder, or latest.',
    }),
  };
  static override flags = { json: jsonFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(RunsShow);
    const { showRun } = await import('../../show-run.js');
    const mode = flags.json ? 'json' : 'text';
    await showRun({ directory: process.cwd(), name: args.run, mode, terminal: process });
  }
}
