import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { jsonFlag } from '../../spec-arguments.js';

/** `fedx runs gc`: removes what runs left behind. */
export class RunsGc extends Command {
  static override summary = 'Remove what failed runs and ended processes left behind.';
  static override description =
    'Runs that failed, were interrupted or never finished, once they are old enough; records of invocations without runs, ' +
    'locks of processes that ended, temporary files, and prepared data that was not used since. Runs that completed stay.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --older-than 1d',
  ];
  static override flags = {
    'older-than': Flags.string({
      default: '7d',
      helpValue: '7d | 2026-11-23',
      description:
        'Runs and prepared data from before then. What a cache was asked for within a day stays in any case.',
    }),
    'dry-run': Flags.boolean({ description: 'Say what would be removed, and remove nothing.' }),
    json: jsonFlag,
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(RunsGc);
    const [{ collectGarbage }, { parseMoment }, { cacheFolder }] = await Promise.all([
      import('../../remove-runs.js'),
      import('../../ages.js'),
      import('@fedx/core/host'),
    ]);
    const now = Date.now();
    const directory = process.cwd();
    collectGarbage({
      directory,
      cache: cacheFolder(directory),
      before: parseMoment('--older-than', flags['older-than'], now),
      now,
      dryRun: flags['dry-run'],
      mode: flags.json ? 'json' : 'text',
      terminal: process,
    });
  }
}
