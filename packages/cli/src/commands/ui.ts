import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { jsonFlag } from '../spec-arguments.js';

/** `fedx ui`: shows the runs of this folder in MLflow. */
export class Ui extends Command {
  static override summary = 'Show the runs of this folder in MLflow, until Ctrl-C.';
  static override description = [
    'Starts an MLflow server on loopback, on a store of its own in .fedx/mlflow, sends it every run that it lacks, and prints ' +
      'the address that lays the arms of the latest experiment over each other. What runs meanwhile appears there too.',
    'MLflow is the one that fedx setup mlflow installed, else mlflow or uvx of the PATH. With --json the document is ' +
      'written once all runs are there.',
  ].join('\n\n');
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --port 5001'];
  static override flags = {
    json: jsonFlag,
    port: Flags.integer({ min: 1, max: 65_535, description: 'Port on 127.0.0.1; default: 5000, or a free one.' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(Ui);
    const [{ openHost }, { listenForInterruption }, { showUi }] = await Promise.all([
      import('../host.js'),
      import('../interruption.js'),
      import('../ui/show-ui.js'),
    ]);
    const interruption = listenForInterruption(process, process.stdout);
    try {
      await showUi({
        // Settings of another server, credentials among them, are not for this one.
        host: await openHost({}),
        directory: process.cwd(),
        port: flags.port,
        env: process.env,
        mode: flags.json ? 'json' : 'text',
        terminal: process,
        signal: interruption.signal,
      });
    } finally {
      interruption.release();
    }
  }
}
