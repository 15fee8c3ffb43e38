import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { jsonFlag } from '../../spec-arguments.js';

/** `fedx setup mlflow`: installs what `fedx ui` shows runs in. */
export class SetupMlflow extends Command {
  static override summary = 'Install MLflow for fedx ui.';
  static override description = [
    "Takes MLflow with pip into a virtual environment of its own in your cache (FEDX_CACHE, else the system's folder for " +
      'that). Needs Python 3.10 or later with venv; changes nothing outside of the cache. Where mlflow or uvx is in the PATH, ' +
      'fedx ui runs without.',
    'Interrupted or failed, it goes on where it stopped when it is started again.',
  ].join('\n\n');
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = {
    json: jsonFlag,
    version: Flags.string({ description: 'Another version of MLflow, as major.minor.patch.' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(SetupMlflow);
    const [{ showMlflowSetup }, { listenForInterruption }] = await Promise.all([
      import('../../setup-command.js'),
      import('../../interruption.js'),
    ]);
    const interruption = listenForInterruption(process, process.stdout);
    try {
      await showMlflowSetup({
        version: flags.version,
        mode: flags.json ? 'json' : 'text',
        terminal: process,
        signal: interruption.signal,
      });
    } finally {
      interruption.release();
    }
  }
}
