import type { RunOrder, RunStatus } from '@fedx/core/host';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { jsonFlag } from '../spec-arguments.js';

const statuses = ['completed', 'failed', 'interrupted', 'running', 'unfinished'] as const satisfies RunStatus[];
const orders = ['time', 'name', 'status', 'seconds', 'accuracy'] as const satisfies RunOrder[];

/** Runs that a person is shown. */
const LISTED = 30;

/** `fedx runs`: lists runs. */
export class Runs extends Command {
  static override summary = 'List the runs of this folder.';
  static override description =
    'Reads the ends of the journals in .fedx/runs only, so that a thousand runs are listed in a moment. unfinished: the ' +
    'process ended without a word.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --name "noniid-*" --status completed --sort accuracy --limit 5',
    '<%= config.bin %> <%= command.id %> --since 2d --json | jq -r ".runs[].id"',
  ];
  static override flags = {
    name: Flags.string({ description: "Experiment's name; * and ? as in a shell." }),
    status: Flags.string({ options: statuses, description: 'How the run ended, or that it has not.' }),
    arm: Flags.string({ description: 'Runs that have this arm.' }),
    invocation: Flags.string({ description: 'Runs of this invocation.' }),
    since: Flags.string({ helpValue: '7d | 2026-11-23', description: 'Started since then: an age or a date.' }),
    until: Flags.string({ helpValue: '7d | 2026-11-23', description: 'Started until then: an age or a date.' }),
    sort: Flags.string({
      options: orders,
      default: 'time',
      description: 'The newest, longest or most accurate first; names and statuses from A to Z.',
    }),
    reverse: Flags.boolean({ description: 'The other way round.' }),
    limit: Flags.integer({ min: 1, description: `Show so many; default: ${LISTED}, with --json all.` }),
    json: jsonFlag,
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(Runs);
    const [{ showRuns }, { parseMoment }] = await Promise.all([import('../list-runs.js'), import('../ages.js')]);
    const { name, arm, invocation, limit = flags.json ? undefined : LISTED } = flags;
    const now = Date.now();
    await showRuns({
      directory: process.cwd(),
      filter: {
        ...(name === undefined ? {} : { name }),
        ...(arm === undefined ? {} : { arm }),
        ...(invocation === undefined ? {} : { invocation }),
        ...(flags.status === undefined ? {} : { status: flags.status as RunStatus }),
        ...(flags.since === undefined ? {} : { since: parseMoment('--since', flags.since, now) }),
        ...(flags.until === undefined ? {} : { until: parseMoment('--until', flags.until, now) }),
      },
      order: {
        sort: flags.sort as RunOrder,
        reverse: flags.reverse,
        ...(limit === undefined ? {} : { limit }),
      },
      mode: flags.json ? 'json' : 'text',
      terminal: process,
    });
  }
}
