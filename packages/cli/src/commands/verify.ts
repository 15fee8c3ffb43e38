import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import { CLIError } from '@oclif/core/errors';
import * as Flags from '@oclif/core/flags';
import { runFlags } from '../start-runs.js';
import type { OutputMode } from '../terminal.js';

/** `fedx verify`: holds specs against the figures that they expect, as far as there is time. */
export class Verify extends Command {
  static override summary =
    'Run specs as far as a budget of time goes, and hold their results against published figures.';
  static override description = [
    "Of each expectation (the spec's expect) shows the published figure, the median of ours over the seeds with its interval, " +
      'and whether the median is within bounds. A run that never reaches a target counts as larger than all others.',
    'What a spec takes is estimated from a few measured steps, as fedx plan does, for all rounds: a spec that stops early takes ' +
      'less. The cheapest specs go first, each as long as its estimate fits into what is left of the budget; the others are ' +
      'named with the time that they want. What has begun is finished.',
    'Points that an earlier run of the same spec completed are passed over and count, so that the same command goes on ' +
      'after an interruption and costs nothing once all is done; --fresh runs them again.',
    'Exit codes are those of fedx run; specs that were left out are no failure, but 2 where none of them expects anything.',
  ].join('\n\n');
  static override examples = [
    '<%= config.bin %> <%= command.id %> experiments/papers --budget 20m',
    '<%= config.bin %> <%= command.id %> experiments/papers/fedprox-stragglers.yaml executor.workers=1',
    '<%= config.bin %> <%= command.id %> experiments/papers --budget 0s --json | jq \'.specs[] | select(.status == "left-out")\'',
  ];
  static override args = {
    specs: Args.string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description:
        'YAML specs, and folders whose specs (not those of folders within) are all meant; path=value changes all of them.',
    }),
  };
  static override flags = {
    ...runFlags,
    budget: Flags.string({
      helpValue: '20m',
      description: 'Time for what is not done yet, e.g. 90s, 20m, 1h30m; default: as long as it takes.',
    }),
    fresh: Flags.boolean({ description: 'Run all anew, whatever was done before.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Verify);
    const paths = args.specs.filter((each) => !isOverride(each));
    if (paths.length === 0) throw new CLIError('fedx verify needs a spec or a folder of specs.');
    const mode: OutputMode = flags.json ? 'json' : flags.quiet ? 'quiet' : 'text';
    const budget = flags.budget === undefined ? undefined : parseBudget(flags.budget);
    const [{ openHost }, { listenForInterruption }, { verifySpecs }] = await Promise.all([
      import('../host.js'),
      import('../interruption.js'),
      import('../verify-specs.js'),
    ]);
    const interruption = listenForInterruption(process, process.stdout);
    try {
      return await verifySpecs({
        host: await openHost(),
        paths,
        overrides: args.specs.filter(isOverride),
        budget,
        fresh: flags.fresh,
        mode,
        terminal: process,
        interruption,
      });
    } finally {
      interruption.release();
    }
  }
}

/** `path=value`; a file whose name has a `=` is told by a folder before it, e.g. `./a=b.yaml`. */
function isOverride(argument: string): boolean {
  return /^\+?[\w.-]+=/.test(argument);
}

const SECONDS = { h: 3600, m: 60, s: 1 } as const;

/** Seconds of e.g. `90s`, `20m` or `1h30m`. */
function parseBudget(text: string): number {
  if (!/^(?=\d)(\d+(\.\d+)?h)?(\d+(\.\d+)?m)?(\d+(\.\d+)?s)?$/.test(text)) {
    throw new CLIError(`--budget takes a time such as 90s, 20m or 1h30m, got ${text}.`);
  }
  return [...text.matchAll(/([\d.]+)([hms])/g)].reduce(
    (seconds, [, figure, unit]) => seconds + Number(figure) * SECONDS[unit as keyof typeof SECONDS],
    0,
  );
}
