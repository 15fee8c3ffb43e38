import type { FigureOfStep } from '@fedx/core/host';
import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import { CLIError } from '@oclif/core/errors';
import * as Flags from '@oclif/core/flags';
import { jsonFlag } from '../spec-arguments.js';

/** `fedx compare`: configurations over their seeds. */
export class Compare extends Command {
  static override summary = 'Compare runs: mean, spread and interval over seeds, and paired differences.';
  static override description = [
    'Runs are grouped by what their specs differ in other than the seed. Each group has its mean, standard deviation and ' +
      "95 % confidence interval by Student's t. Differences to a baseline are paired by seed, where both runs had the same " +
      'images in the same places.',
    'docs/comparing.md explains the figures.',
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %> 20261123-113815-noniid-mnist-6e05',
    '<%= config.bin %> <%= command.id %> "*-noniid-mnist-*" --baseline centralized',
    '<%= config.bin %> <%= command.id %> "*" --metric test/loss --at best --baseline "strategy.mu=0" --json',
  ];
  static override args = {
    runs: Args.string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: 'Invocations (all their runs), ids of runs or their beginnings, patterns with * and ?, or latest.',
    }),
  };
  static override flags = {
    metric: Flags.string({ default: 'test/accuracy', description: 'The metric to compare.' }),
    at: Flags.string({ default: 'last', helpValue: 'last | best | STEP', description: 'Which of its values.' }),
    baseline: Flags.string({
      helpValue: 'ARM | path=value',
      description: 'What others are held against: an arm, or a configuration; default: the first configuration.',
    }),
    json: jsonFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Compare);
    const { showComparison } = await import('../compare-runs.js');
    await showComparison({
      directory: process.cwd(),
      names: args.runs,
      metric: flags.metric,
      at: parseAt(flags.at),
      ...(flags.baseline === undefined ? {} : { baseline: flags.baseline }),
      mode: flags.json ? 'json' : 'text',
      terminal: process,
    });
  }
}

function parseAt(text: string): FigureOfStep {
  if (text === 'last' || text === 'best') return text;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CLIError(`--at takes last, best or a step such as 50, got ${text}.`);
}
