import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { jsonFlag, seedsFlag, specArguments, specRequest } from '../spec-arguments.js';

/** `fedx plan`: shows what a run would do, without training. */
export class Plan extends Command {
  static override summary = 'Show how the data would be split and what would be trained.';
  static override description = [
    'Loads the data and splits it as a run would, but writes no run folder. On a terminal the labels of each client are a ' +
      'coloured bar; elsewhere, and with NO_COLOR, they are numbers.',
    'The estimate of time and memory comes from a few steps that are compiled and run as the run itself would; what is trained ' +
      'is thrown away. It takes about a second for each arm, and with large convolutional models as long as a few of their steps.',
    'With --explain loads no data, and shows every value of the resolved spec with the file and line, the argument or the ' +
      'default that it comes from.',
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml',
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml partition.dominantShare=1.0 --no-estimate',
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml --json | jq .estimate',
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml server.rounds=10 --explain',
  ];
  static override args = specArguments;
  static override flags = {
    json: jsonFlag,
    seeds: seedsFlag,
    explain: Flags.boolean({ description: 'Show where each value of the spec comes from, instead of the plan.' }),
    estimate: Flags.boolean({
      allowNo: true,
      default: true,
      description: 'Measure a few steps and say how long a run would take and how much memory.',
    }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Plan);
    const [{ openHost }, { explainExperiment, planExperiment }] = await Promise.all([
      import('../host.js'),
      import('../plan-experiment.js'),
    ]);
    const command = {
      host: await openHost(),
      request: specRequest(args, flags),
      mode: flags.json ? ('json' as const) : ('text' as const),
      terminal: process,
    };
    await (flags.explain ? explainExperiment(command) : planExperiment({ ...command, estimate: flags.estimate }));
  }
}
