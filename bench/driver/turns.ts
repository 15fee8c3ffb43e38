/** Contenders take turns, A B A B …, so that all see the same machine. */
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Measure } from '../contenders/protocol.js';
import { loadExperiment, writeDataFolder } from '../workloads/workload.js';
import { type Peer, startPeer } from './child.js';
import { onCores, repository } from './machine.js';
import { figure, type Row } from './report.js';
import { ratio, type Series } from './statistics.js';

export interface Bench {
  /** A folder for whatever the measured programs write. */
  readonly scratch: string;
  /** The peers' Python, looked for by parts that have peers in it. */
  readonly python: () => string;
  readonly turns: number;
  /** Tells whoever waits what is going on. */
  readonly log: (line: string) => void;
}

/** What is trained: a spec, and overrides `path=value`. */
export interface Workload {
  readonly spec: string;
  readonly overrides?: readonly string[];
  /** The folder where the peers find it; see peers/README.md. */
  readonly data: string;
}

/** Prepares a workload, once a bench. */
export async function prepareWorkload(
  { scratch, log }: Bench,
  name: string,
  spec: string,
  overrides: readonly string[] = [],
): Promise<Workload> {
  const data = join(scratch, name);
  if ((await mkdir(data, { recursive: true })) !== undefined) {
    log(`${name}: writing its data`);
    await writeDataFolder(await loadExperiment(spec, overrides), data);
  }
  return { spec, overrides, data };
}

export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly threads: number;
  /** Cores that it may use; default: as many as it has threads. */
  readonly cores?: number;
  /** Not everyone has it: where it does not start, its row is left out. */
  readonly optional?: boolean;
}

export interface Measured {
  readonly series: ReadonlyMap<string, Series>;
  readonly versions: Readonly<Record<string, string>>;
  /** Contenders that could not be had. */
  readonly missing: readonly string[];
}

/** A contender in TypeScript. */
export function node(script: string, ...options: readonly string[]): string[] {
  return [process.execPath, ...process.execArgv, join(repository, 'bench/contenders', script), ...options];
}

/** fedx on one of its engines. */
export function fedx({ spec, overrides = [] }: Workload, engine: 'onnx' | 'tensorflow'): string[] {
  return node('fedx-training.ts', '--engine', engine, spec, ...overrides);
}

/** A contender in Python. */
export function peer({ python }: Bench, script: string): string[] {
  return [python(), join(repository, 'bench/peers', script)];
}

/** Readies all contenders, then measures each once a turn. */
export async function takeTurns(
  bench: Bench,
  title: string,
  what: Measure,
  { data }: Workload,
  contenders: readonly Contender[],
): Promise<Measured> {
  const peers: { readonly name: string; readonly peer: Peer; readonly series: number[] }[] = [];
  const missing: string[] = [];
  let versions = {};
  try {
    for (const { name, command, threads, cores = threads, optional = false } of contenders) {
      bench.log(`${title}: readying ${name}`);
      const started = startPeer({ command: onCores(cores, command), directory: repository });
      try {
        versions = { ...versions, ...(await started.prepare({ data, threads })) };
        peers.push({ name, peer: started, series: [] });
      } catch (error) {
        if (!optional) throw error;
        missing.push(name);
      }
    }
    for (let turn = 1; turn <= bench.turns; turn++) {
      bench.log(`${title}: turn ${turn} of ${bench.turns}`);
      for (const { peer, series } of peers) series.push(await peer.measure(what));
    }
  } finally {
    await Promise.all(peers.map(({ peer }) => peer.close()));
  }
  return { series: new Map(peers.map(({ name, series }) => [name, series])), versions, missing };
}

/** How many turns of a part that takes long. */
export const fewerTurns = (turns: number): number => Math.min(turns, 5);

/** A row a contender, with how often the first one's time goes into its own. */
export function rowsAgainst(first: Series, series: ReadonlyMap<string, Series>): Row[] {
  return [...series].map(([name, own]) => ({ name, series: own, comparison: `${figure(ratio(own, first))}x` }));
}

export const seriesOf = (all: ReadonlyMap<string, Series>, name: string): Series => all.get(name) ?? [];

export const absent = (missing: readonly string[]): string[] =>
  missing.length === 0 ? [] : [`Not measured, as it could not be loaded here: ${missing.join(', ')}.`];

export function pythonVersions(python: string, packages: readonly string[]): Record<string, string> {
  const version = (name: string) =>
    execFileSync(python, ['-c', `from importlib.metadata import version; print(version('${name}'))`], {
      encoding: 'utf8',
    });
  return Object.fromEntries(packages.map((name) => [name, version(name).trim()]));
}
