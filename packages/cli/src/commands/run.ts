import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { OutputMode } from '../terminal.js';
import { jsonFlag, specArguments } from './spec-arguments.js';

/** `fedx run`: runs all arms of an experiment. */
export class Run extends Command {
  static override summary = 'Run an experiment and its controls.';
  static override description = [
    "Every step is written to the run's folder in .fedx/runs as it happens. Ctrl-C ends the run within a second and keeps " +
      'what was done so far; a second one ends it at once.',
    'Exit codes: 0 done; 1 the run failed; 2 bad usage or invalid spec; 3 an expectation of the spec was missed; ' +
      '4 a plugin failed; 5 engine or data not to be had; 130 interrupted.',
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml',
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml server.rounds=10 client.optimizer.learningRate=0.01',
    '<%= config.bin %> <%= command.id %> experiments/noniid-mnist.yaml --json | jq \'.runs[].metrics["test/accuracy"].last\'',
  ];
  static override args = specArguments;
  static override flags = {
    json: jsonFlag,
    quiet: Flags.boolean({ description: 'Print nothing but errors and missed expectations.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Run);
    const mode: OutputMode = flags.json ? 'json' : flags.quiet ? 'quiet' : 'text';
    const [{ openHost }, { listenForInterruption }, { runExperiment }] = await Promise.all([
      import('../host.js'),
      import('../interruption.js'),
      import('../run-experiment.js'),
    ]);
    const interruption = listenForInterruption(process, process.stdout);
    try {
      const request = { file: args.spec, overrides: args.overrides ?? [] };
      return await runExperiment({ host: await openHost(), request, mode, terminal: process, interruption });
    } finally {
      interruption.release();
    }
  }
}
