/** The four parts of the benchmark. Contenders take turns, A B A B …, so that all see the same machine. */
import { execFileSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type Peer, type Program, start, startPeer } from './child.js';
import { cores, onCores, repository } from './machine.js';
import { canMeasureMemory, type Peak, watchMemory } from './memory.js';
import { atLeast, atMost, figure, type Row, type Section, seriesTable } from './report.js';
import { median, ratio, type Series } from './statistics.js';
import { workloadSpec } from './workload.js';

export interface Bench {
  /** The data folder that the peers read. */
  readonly data: string;
  /** A folder for whatever the measured programs write. */
  readonly scratch: string;
  readonly python: string;
  readonly turns: number;
  /** Tells whoever waits what is going on. */
  readonly log: (line: string) => void;
}

/** How many turns of a part that takes long. */
const fewerTurns = (turns: number): number => Math.min(turns, 5);

interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly threads: number;
  /** Not everyone has it: where it does not start, its row is left out. */
  readonly optional?: boolean;
}

interface Measured {
  readonly series: ReadonlyMap<string, Series>;
  readonly versions: Readonly<Record<string, string>>;
  /** Contenders that could not be had. */
  readonly missing: readonly string[];
}

const node = (script: string, ...options: string[]): string[] => [
  process.execPath,
  ...process.execArgv,
  join(repository, 'bench', script),
  ...options,
];

const peer = ({ python }: Bench, script: string): string[] => [python, join(repository, 'bench/peers', script)];

/** Readies all contenders, then measures each once a turn. */
async function takeTurns(bench: Bench, what: 'steps' | 'round', contenders: readonly Contender[]): Promise<Measured> {
  const peers: { readonly name: string; readonly peer: Peer; readonly series: number[] }[] = [];
  const missing: string[] = [];
  let versions = {};
  try {
    for (const { name, command, threads, optional = false } of contenders) {
      bench.log(`${what}: readying ${name}`);
      const started = startPeer({ command: onCores(threads, command), directory: repository });
      try {
        versions = { ...versions, ...(await started.prepare({ data: bench.data, threads })) };
        peers.push({ name, peer: started, series: [] });
      } catch (error) {
        if (!optional) throw error;
        missing.push(name);
      }
    }
    for (let turn = 1; turn <= bench.turns; turn++) {
      bench.log(`${what}: turn ${turn} of ${bench.turns}`);
      for (const { peer, series } of peers) series.push(await peer.measure(what));
    }
  } finally {
    await Promise.all(peers.map(({ peer }) => peer.close()));
  }
  return { series: new Map(peers.map(({ name, series }) => [name, series])), versions, missing };
}

/** A row a contender, with how often fedx's time goes into its own. */
function rowsAgainst(fedx: Series, series: ReadonlyMap<string, Series>): Row[] {
  return [...series].map(([name, own]) => ({ name, series: own, comparison: `${figure(ratio(own, fedx))}x` }));
}

const seriesOf = (all: ReadonlyMap<string, Series>, name: string): Series => all.get(name) ?? [];

const absent = (missing: readonly string[]): string[] =>
  missing.length === 0 ? [] : [`Not measured, as it could not be loaded here: ${missing.join(', ')}.`];

/** One worker on one core: microseconds a local step. */
export async function measureSteps(bench: Bench): Promise<Section> {
  const { series, versions, missing } = await takeTurns(bench, 'steps', [
    { name: 'fedx', command: node('fedx-steps.ts'), threads: 1 },
    { name: 'JAX lax.scan', command: peer(bench, 'jax_scan.py'), threads: 1 },
    { name: 'PyTorch loop', command: peer(bench, 'pytorch_loop.py'), threads: 1 },
    { name: 'the two large matrix products', command: peer(bench, 'matmul_limit.py'), threads: 1 },
    { name: 'tfjs-node eager', command: node('tfjs-steps.ts', 'eager'), threads: 1, optional: true },
    { name: 'tfjs-node model.fit', command: node('tfjs-steps.ts', 'fit'), threads: 1, optional: true },
  ]);
  const fedx = seriesOf(series, 'fedx');
  const against = (name: string) => ratio(fedx, seriesOf(series, name));
  return {
    title: 'One worker: a local step',
    body: [seriesTable('µs a step', 'of fedx', rowsAgainst(fedx, series)), ...absent(missing)],
    verdicts: [
      atMost('one worker, a step against JAX lax.scan', 1.05, against('JAX lax.scan'), 'x'),
      atMost('one worker, a step against PyTorch', 0.3, against('PyTorch loop'), 'x'),
      atMost('one worker, a step against the matrix products', 1.9, against('the two large matrix products'), 'x'),
    ],
    versions,
  };
}

/** All cores: seconds a round, within a process that is warm. */
export async function measureRounds(bench: Bench): Promise<Section> {
  const withThreads = (name: string, script: string): Contender[] =>
    [1, cores].map((threads) => ({
      name: `${name}, ${threads === 1 ? 'one thread' : `${threads} threads`}`,
      command: peer(bench, script),
      threads,
    }));
  const { series, versions } = await takeTurns(bench, 'round', [
    { name: `fedx, ${cores} workers`, command: node('fedx-steps.ts'), threads: cores },
    ...withThreads('JAX', 'jax_scan.py'),
    ...withThreads('PyTorch', 'pytorch_loop.py'),
  ]);
  const fedx = seriesOf(series, `fedx, ${cores} workers`);
  const best = (name: string): Series =>
    [...series]
      .filter(([contender]) => contender.startsWith(name))
      .map(([, own]) => own)
      .toSorted((a, b) => median(a) - median(b))[0] ?? [];
  return {
    title: 'All cores: a round, training, aggregation and evaluation',
    body: [
      seriesTable('ms a round', 'of fedx', rowsAgainst(fedx, series).map(inMilliseconds)),
      `PyTorch’s best takes ${figure(ratio(best('PyTorch'), fedx))} times fedx’s round.`,
    ],
    verdicts: [atLeast('all cores, a round against JAX’s best', 1.7, ratio(best('JAX'), fedx), 'x faster')],
    versions,
  };
}

const inMilliseconds = (row: Row): Row => ({ ...row, series: row.series.map((seconds) => seconds * 1000) });

const rounds = 10;

/** A run of fedx or Flower from the command on: when it wrote the lines of its rounds. */
interface Timed {
  /** Seconds from starting the process to the first round's line. */
  readonly first: number;
  /** Median seconds from a round's line to the next. */
  readonly steady: number;
}

/** One fedx command, as a user gives it. */
export function fedxProgram(directory: string, ...options: string[]): Program {
  const command = [process.execPath, join(repository, 'packages/cli/bin/fedx.js'), 'run', ...options];
  return { command: onCores(cores, command), directory };
}

async function timeRounds(program: Program, isRound: RegExp): Promise<Timed> {
  const from = performance.now();
  const child = start(program);
  const at: number[] = [];
  child.lines.on('line', (line) => {
    if (isRound.test(line)) at.push((performance.now() - from) / 1000);
  });
  child.process.stdin.end();
  await child.ended;
  if (at.length !== rounds) throw new Error(`${program.command.join(' ')} wrote ${at.length} rounds, not ${rounds}.`);
  return { first: at[0] ?? NaN, steady: median(at.slice(1).map((time, round) => time - (at[round] ?? NaN))) };
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
  const contenders = {
    'fedx run': {
      // A new folder a run, as nothing there must be kept from one to the next.
      program: async (): Promise<Program> => ({
        ...fedxProgram(await mkdtemp(join(bench.scratch, 'run-')), workloadSpec, `server.rounds=${rounds}`),
        environment: { FEDX_CACHE: cache },
      }),
      isRound: /^federated {2}round /,
    },
    'Flower simulation': {
      program: async (): Promise<Program> => ({
        command: onCores(cores, [...peer(bench, 'flower_simulation.py'), bench.data, String(rounds)]),
        directory: bench.scratch,
      }),
      isRound: /^{"round"/,
    },
  };
  type Name = keyof typeof contenders;
  const names = Object.keys(contenders) as Name[];
  const timed: Record<Name, Timed[]> = { 'fedx run': [], 'Flower simulation': [] };
  const peaks: Record<Name, Peak[]> = { 'fedx run': [], 'Flower simulation': [] };
  const turns = fewerTurns(bench.turns);
  for (let turn = 1; turn <= turns; turn++) {
    for (const name of names) {
      const { program, isRound } = contenders[name];
      bench.log(`start: turn ${turn} of ${turns}, ${name}`);
      timed[name].push(await timeRounds(await program(), isRound));
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
    versions: pythonVersions(bench.python, ['flwr', 'ray']),
  };
}

function pythonVersions(python: string, packages: readonly string[]): Record<string, string> {
  const version = (name: string) =>
    execFileSync(python, ['-c', `from importlib.metadata import version; print(version('${name}'))`], {
      encoding: 'utf8',
    });
  return Object.fromEntries(packages.map((name) => [name, version(name).trim()]));
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
