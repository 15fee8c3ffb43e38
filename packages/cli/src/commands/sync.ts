import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { jsonFlag } from '../spec-arguments.js';

/** `fedx sync`: fills a run into an MLflow server. */
export class Sync extends Command {
  static override summary = 'Fill a run into an MLflow server, each point exactly once.';
  static override description = [
    'Sends what the server lacks of the run, reads everything back, and compares it with the journal. Run it as often as ' +
      'you like, after any mix of failures: what the server has is not sent again.',
    'The server is the one that the run was tracked on, else MLFLOW_TRACKING_URI. User name, password and token come from ' +
      'MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD and MLFLOW_TRACKING_TOKEN.',
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %> 20261123-113815-noniid-mnist-6e05',
    '<%= config.bin %> <%= command.id %> .fedx/runs/20261123-113815-noniid-mnist-6e05 --server http://127.0.0.1:5000',
  ];
  static override args = {
    run: Args.string({ required: true, ignoreStdin: true, description: 'Id of the run, or the path of its folder.' }),
  };
  static override flags = {
    json: jsonFlag,
    server: Flags.string({ description: 'Address of the MLflow server.' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Sync);
    const [{ openHost }, { listenForInterruption }, { syncRun }] = await Promise.all([
      import('../host.js'),
      import('../interruption.js'),
      import('../sync-run.js'),
    ]);
    const interruption = listenForInterruption(process, process.stdout);
    try {
      await syncRun({
        host: await openHost(),
        run: args.run,
        server: flags.server,
        mode: flags.json ? 'json' : 'text',
        terminal: process,
        signal: interruption.signal,
      });
    } finally {
      interruption.release();
    }
  }
}
