import { Command } from '@oclif/core/command';
import { seedsFlag, specArguments, specRequest } from '../spec-arguments.js';
import { runFlags, startRuns } from '../start-runs.js';

/** `fedx run`: runs all arms of an experiment. */
export class Run extends Command {
  static override summary = 'Run an experiment and its controls.';
  static override description = [
    'A sweep of the spec, or --seeds, makes one run for each of its points; a point that fails does not stop the others, and ' +
      'fedx resume goes on with what is missing.',
    "Every step is written to the run's folder in .fedx/runs as it happens. Ctrl-C ends the run within a second and keeps " +
      'what was done so far; a second one ends it at once.',
    'As a gate in CI, expect in the spec says what must be reached, and --junit FILE what the CI system shows of it.',
    'Exit codes: 0 done; 1 a run failed; 2 bad usage or invalid spec; 3 an expectation of the spec was missed; ' +
      '4 a plugin failed; 5 engine or data not to be had; 130 interrupted.',
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml',
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml server.rounds=10 client.optimizer.learningRate=0.01',
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml --seeds 5',
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml --json | jq \'.runs[].metrics["test/accuracy"].last\'',
  ];
  static override args = specArguments;
  static override flags = { ...runFlags, seeds: seedsFlag };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Run);
    const request = specRequest(args, flags);
    return startRuns(flags, (host, options) => host.run(request, options));
  }
}
