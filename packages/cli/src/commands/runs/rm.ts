import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { jsonFlag } from '../../spec-arguments.js';

/** `fedx runs rm`: removes runs. */
export class RunsRm extends Command {
  static override summary = 'Remove runs with all that lies in their folders.';
  static override description =
    'Says what would be removed and asks, unless --yes is given. A run that is running stays.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 20261123-113815-noniid-mnist-6e05',
    '<%= config.bin %> <%= command.id %> "*-calibration-*" --yes',
  ];
  static override args = {
    runs: Args.string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: 'Ids of runs, beginnings of them, patterns with * and ?, or invocations (all their runs).',
    }),
  };
  static override flags = { yes: Flags.boolean({ char: 'y', description: 'Do not ask.' }), json: jsonFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(RunsRm);
    const [{ removeRuns }, { confirm }] = await Promise.all([
      import('../../remove-runs.js'),
      import('../../confirm.js'),
    ]);
    const canAsk = process.stdin.isTTY && !flags.json;
    await removeRuns({
      directory: process.cwd(),
      names: args.runs,
      confirm: flags.yes ? () => Promise.resolve(true) : canAsk ? confirm : undefined,
      mode: flags.json ? 'json' : 'text',
      terminal: process,
    });
  }
}
