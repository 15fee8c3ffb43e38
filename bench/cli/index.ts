/** What a command costs before it does any work: processor time from its start to its end, of commands that only read. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../driver/machine.js';
import { processorSeconds } from '../driver/processor-time.js';
import { atMost, type Section, seriesTable, type Verdict } from '../driver/report.js';
import { median, type Series } from '../driver/statistics.js';
import type { Bench } from '../driver/turns.js';

interface Command {
  readonly args: readonly string[];
  /** Promised milliseconds. */
  readonly limit?: number;
}

/** Commands in turns: the help, a spec of 200 lines, and a sweep of 500 points. */
async function measureStart(bench: Bench): Promise<Section> {
  const spec = join(bench.scratch, 'two-hundred-lines.yaml');
  const seed = join(repository, 'experiments/noniid-mnist.yaml');
  await writeFile(spec, await specOfLines(seed, 200));
  const sweep = `sweep={client.optimizer.learningRate: [${Array.from({ length: 100 }, (_, i) => (i + 1) / 1000).join(', ')}], seed: [1, 2, 3, 4, 5]}`;
  const commands: Readonly<Record<string, Command>> = {
    'fedx --help': { args: ['--help'], limit: 250 },
    'fedx validate, 200 lines': { args: ['validate', spec], limit: 350 },
    'fedx validate, 500 points': { args: ['validate', seed, sweep], limit: 2000 },
    'fedx plan, 500 points': { args: ['plan', seed, sweep, '--no-estimate'], limit: 2000 },
    'node, an empty program': { args: [] },
  };
  const series = Object.keys(commands).map((name) => ({ name, series: [] as number[] }));
  for (let turn = 0; turn <= bench.turns; turn++) {
    for (const row of series) {
      bench.log(`start: turn ${turn} of ${bench.turns}, ${row.name}`);
      const spent = await processorTime(bench, commands[row.name]?.args ?? []);
      // The first turn fills caches.
      if (turn > 0) row.series.push(spent);
    }
  }
  return {
    title: 'Processor time of commands that only read',
    body: [seriesTable('ms', '', series)],
    verdicts: series.flatMap(({ name, series: own }) => verdictOf(name, commands[name]?.limit, own)),
    versions: { node: process.versions.node },
  };
}

function verdictOf(name: string, limit: number | undefined, series: Series): Verdict[] {
  return limit === undefined ? [] : [atMost(name, limit, median(series), ' ms')];
}

/** The spec of a file with as many expectations as make it so many lines. */
async function specOfLines(file: string, lines: number): Promise<string> {
  const text = (await readFile(file, 'utf8')).replace(/^expect:[^]*$/m, '');
  const rest = [
    'expect:',
    ...Array.from({ length: lines }, () => '  - { arm: federated, metric: test/accuracy, within: [0, 1] }'),
  ];
  const before = text.trimEnd().split('\n');
  return [...before, ...rest.slice(0, lines - before.length), ''].join('\n');
}

/** Milliseconds on any core until the process ends. */
async function processorTime({ scratch }: Bench, args: readonly string[]): Promise<number> {
  const program = args.length === 0 ? ['--eval', '0'] : [join(repository, 'packages/cli/bin/fedx.js'), ...args];
  return 1000 * (await processorSeconds({ command: [process.execPath, ...program], directory: scratch }));
}

export const cli = { start: measureStart };
