/** The seed experiment as a command, from its start on. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type Program, start } from '../driver/child.js';
import { cores, onCores, repository } from '../driver/machine.js';
import { canMeasureMemory, type Peak, watchMemory } from '../driver/memory.js';
import { atLeast, atMost, type Section, seriesTable } from '../driver/report.js';
import { median, ratio, type Series } from '../driver/statistics.js';
import { flower, type RoundProgram, type Timed, timeRounds } from '../driver/timed-rounds.js';
import { type Bench, fewerTurns, pythonVersions, rowsAgainst, seriesOf } from '../driver/turns.js';
import { seedWorkload } from './training.js';

const rounds = 10;

/** One fedx command, as a user gives it. */
export function fedxProgram(directory: string, ...options: string[]): Program {
  const command = [process.execPath, join(repository, 'packages/cli/bin/fedx.js'), 'run', ...options];
  return { command: onCores(cores, command), directory };
}

async function peakMemory(program: Program): Promise<Peak> {
  const watch = watchMemory();
  try {
    const child = start({ ...program, environment: watch.environment });
    child.lines.resume();
    child.process.stdin.end();
    await child.ended;
  } finally {
    watch.stop();
  }
  return watch.stop();
}

/** From the command to the first round's line, the steady round of a run, and the peak memory of all its processes. */
export async function measureStart(bench: Bench): Promise<Section> {
  const cache = join(bench.scratch, 'cache');
  const workload = await seedWorkload(bench);
  const contenders = {
    // A new folder a run, as nothing there must be kept from one to the next.
    'fedx run': async (): Promise<RoundProgram> => ({
      ...fedxProgram(await mkdtemp(join(bench.scratch, 'run-')), workload.spec, `server.rounds=${rounds}`),
      environment: { FEDX_CACHE: cache },
      isRound: /^federated {2}round /,
    }),
    'Flower simulation': (): Promise<RoundProgram> => Promise.resolve(flower(bench, workload, rounds)),
  };
  type Name = keyof typeof contenders;
  const names = Object.keys(contenders) as Name[];
  const timed: Record<Name, Timed[]> = { 'fedx run': [], 'Flower simulation': [] };
  const peaks: Record<Name, Peak[]> = { 'fedx run': [], 'Flower simulation': [] };
  const turns = fewerTurns(bench.turns);
  for (let turn = 1; turn <= turns; turn++) {
    for (const name of names) {
      const program = contenders[name];
      bench.log(`start: turn ${turn} of ${turns}, ${name}`);
      timed[name].push(await timeRounds(await program(), rounds));
      if (canMeasureMemory) peaks[name].push(await peakMemory(await program()));
    }
  }

  const series = (of: (name: Name) => Series): Map<Name, Series> => new Map(names.map((name) => [name, of(name)]));
  const first = series((name) => timed[name].map((run) => run.first));
  const steady = series((name) => timed[name].map((run) => run.steady));
  const pss = series((name) => peaks[name].map((peak) => peak.pss / 2 ** 20));
  const rss = series((name) => peaks[name].map((peak) => peak.rss / 2 ** 20));
  const show = (unit: string, figures: Map<Name, Series>) =>
    seriesTable(unit, 'of fedx', rowsAgainst(seriesOf(figures, 'fedx run'), figures));
  const share = (figures: Map<Name, Series>) =>
    ratio(seriesOf(figures, 'fedx run'), seriesOf(figures, 'Flower simulation'));
  const steadyMilliseconds = new Map([...steady].map(([name, own]) => [name, own.map((seconds) => seconds * 1000)]));
  return {
    title: 'From the command on: first round, steady round, memory',
    body: [
      show('s from the command to the first round’s line', first),
      show('ms from a round’s line to the next', steadyMilliseconds),
      ...(canMeasureMemory
        ? [
            show('MiB, peak PSS of all processes', pss),
            show('MiB, peak RSS of all processes, shared pages counted each time', rss),
          ]
        : ['Memory was not measured: it needs Linux.']),
      `Of ${turns} turns, ${rounds} rounds each.`,
    ],
    verdicts: [
      atLeast('all cores, a round against Flower’s steady round', 6, 1 / share(steady), 'x faster'),
      atMost('first round’s line after the command', 2, median(seriesOf(first, 'fedx run')), ' s'),
      atMost('first round’s line, share of Flower’s', 1 / 6, share(first), ''),
      ...(canMeasureMemory ? [atMost('peak memory (PSS), share of Flower’s', 1 / 5, share(pss), '')] : []),
    ],
    versions: pythonVersions(bench.python(), ['flwr', 'ray']),
  };
}

/** The whole shipped spec with its centralized control. */
export async function measureSpec(bench: Bench): Promise<Section> {
  const turns = fewerTurns(bench.turns);
  const spec = join(repository, 'experiments/noniid-mnist.yaml');
  const seconds: number[] = [];
  for (let turn = 1; turn <= turns; turn++) {
    bench.log(`spec: turn ${turn} of ${turns}`);
    const directory = await mkdtemp(join(bench.scratch, 'spec-'));
    const from = performance.now();
    const child = start(fedxProgram(directory, spec, 'controls=[centralized]', 'expect=[]', '--json'));
    child.lines.resume();
    child.process.stdin.end();
    await child.ended;
    seconds.push((performance.now() - from) / 1000);
  }
  return {
    title: 'The shipped spec with controls=[centralized], whole',
    body: [seriesTable('s', '', [{ name: 'fedx run experiments/noniid-mnist.yaml', series: seconds }])],
    verdicts: [atMost('the shipped spec with its centralized control', 40, median(seconds), ' s')],
    versions: {},
  };
}
