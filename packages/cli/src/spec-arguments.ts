import type { SeedRequest, SpecRequest } from '@fedx/core/host';
import * as Args from '@oclif/core/args';
import { CLIError } from '@oclif/core/errors';
import * as Flags from '@oclif/core/flags';

/** The arguments of every command that reads a spec. */
export const specArguments = {
  spec: Args.string({ required: true, ignoreStdin: true, description: 'The YAML file that describes the experiment.' }),
  overrides: Args.string({
    multiple: true,
    ignoreStdin: true,
    description: 'Changes to the spec as path=value, e.g. server.rounds=10 or strategy.mu=0.1.',
  }),
};

/** `--json`, which every command has. We print the document ourselves: oclif's own flag would wrap errors its way. */
export const jsonFlag = Flags.boolean({ description: 'Print exactly one JSON document on stdout, errors too.' });

/** `--seeds`, which every command that reads a spec has. */
export const seedsFlag = Flags.string({
  helpValue: '5 | 3,7',
  description: 'Sweep over seeds: so many, from the seed of the spec on, or the seeds of a list.',
});

/** What a command line asks of the spec. Throws where `--seeds` is neither a number nor a list. */
export function specRequest(
  { spec, overrides = [] }: { readonly spec: string; readonly overrides?: readonly string[] | undefined },
  { seeds }: { readonly seeds?: string | undefined },
): SpecRequest {
  return { file: spec, overrides, ...(seeds === undefined ? {} : { seeds: parseSeeds(seeds) }) };
}

/** So many seeds may be asked for; the spec refuses sweeps of more points. */
const MOST_SEEDS = 10_000;

function parseSeeds(text: string): SeedRequest {
  const numbers = text.split(',').map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : Number.NaN));
  const isSound = numbers.every((number) => Number.isSafeInteger(number));
  const [count = 0] = numbers;
  if (isSound && numbers.length > 1) return numbers;
  if (isSound && count >= 1 && count <= MOST_SEEDS) return count;
  throw new CLIError(`--seeds takes a number from 1 to ${MOST_SEEDS} or a list such as 3,7, got ${text}.`);
}
