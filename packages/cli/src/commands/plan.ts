import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { jsonFlag, seedsFlag, specArguments, specRequest } from './spec-arguments.js';

/** `fedx plan`: shows what a run would do, without training. */
export class Plan extends Command {
  static override summary = 'Show how the data would be split and what would be trained.';
  static override description = [
    'Loads the data and splits it as a run would, but trains nothing and writes no run folder.',
    'With --explain loads no data, and shows every value of the resolved spec with the file and line, the argument or the ' +
      'default that it comes from.',
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml',
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml partition.dominantShare=1.0',
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml server.rounds=10 --explain',
  ];
  static override args = specArguments;
  static override flags = {
    json: jsonFlag,
    seeds: seedsFlag,
    explain: Flags.boolean({ description: 'Show where each value of the spec comes from, instead of the plan.' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Plan);
    const [{ openHost }, { explainExperiment, planExperiment }] = await Promise.all([
      import('../host.js'),
      import('../plan-experiment.js'),
    ]);
    const request = specRequest(args, flags);
    const mode = flags.json ? 'json' : 'text';
    const show = flags.explain ? explainExperiment : planExperiment;
    await show({ host: await openHost(), request, mode, terminal: process });
  }
}
