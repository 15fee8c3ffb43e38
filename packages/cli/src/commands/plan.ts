import { Command } from '@oclif/core/command';
import { jsonFlag, seedsFlag, specArguments, specRequest } from './spec-arguments.js';

/** `fedx plan`: shows what a run would do, without training. */
export class Plan extends Command {
  static override summary = 'Show how the data would be split and what would be trained.';
  static override description =
    'Loads the data and splits it as a run would, but trains nothing and writes no run folder.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml',
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml partition.dominantShare=1.0',
  ];
  static override args = specArguments;
  static override flags = { json: jsonFlag, seeds: seedsFlag };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Plan);
    const [{ openHost }, { planExperiment }] = await Promise.all([
      import('../host.js'),
      import('../plan-experiment.js'),
    ]);
    const request = specRequest(args, flags);
    await planExperiment({ host: await openHost(), request, mode: flags.json ? 'json' : 'text', terminal: process });
  }
}
