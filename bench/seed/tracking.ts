/** What tracking costs a round: the seed experiment without it, on a server, and beside servers that are no help. */
import { once } from 'node:events';
import { mkdtemp, readdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { readJournal } from '@fedx/core/host';
import { freePort, startServer, versions } from '../../tests/mlflow/mlflow-server.js';
import { start } from '../driver/child.js';
import { repository } from '../driver/machine.js';
import { atMost, figure, type Section, seriesTable } from '../driver/report.js';
import { ratio, type Series } from '../driver/statistics.js';
import type { Bench } from '../driver/turns.js';
import { fedxProgram } from './command.js';

/** Rounds of the seed experiment; the first holds the compilation. */
const rounds = 100;

/** Listens, and never says a word. */
async function startSilentServer(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function addressOf(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

/** Runs the federated arm alone, and returns its milliseconds a round by the journal, from the first round's end to the last's. */
async function millisecondsARound(bench: Bench, server: string): Promise<number> {
  const directory = await mkdtemp(join(bench.scratch, 'tracking-'));
  const options = ['controls=[]', 'expect=[]', `server.rounds=${rounds}`, `tracking.mlflow=${server}`, '--json'];
  const program = fedxProgram(directory, join(repository, 'experiments/noniid-mnist.yaml'), ...options);
  const child = start({ ...program, environment: { FEDX_CACHE: join(bench.scratch, 'cache') } });
  child.lines.resume();
  child.process.stdin.end();
  await child.ended;
  const runs = join(directory, '.fedx/runs');
  const [run = ''] = await readdir(runs);
  const times: number[] = [];
  for await (const entry of readJournal(join(runs, run, 'events.jsonl'))) {
    if (entry.type === 'step-completed') times.push(entry.time);
  }
  if (times.length !== rounds) throw new Error(`The run in ${directory} has ${times.length} rounds, not ${rounds}.`);
  return ((times.at(-1) ?? NaN) - (times[0] ?? NaN)) / (rounds - 1);
}

/** All in turns. The live server shares the machine with the run, as that of `fedx ui` does. */
export async function measureTracking(bench: Bench): Promise<Section> {
  const silent = await startSilentServer();
  const live = await startServer({ version: versions[0], directory: await mkdtemp(join(bench.scratch, 'mlflow-')) });
  const servers: Readonly<Record<string, string>> = {
    'no tracking': 'off',
    [`MLflow ${versions[0]}`]: live.uri,
    'a server that is down': `http://127.0.0.1:${await freePort()}`,
    'a server that never answers': addressOf(silent),
  };
  const series = new Map<string, number[]>(Object.keys(servers).map((name) => [name, []]));
  try {
    for (let turn = 1; turn <= bench.turns; turn++) {
      for (const [name, server] of Object.entries(servers)) {
        bench.log(`tracking: turn ${turn} of ${bench.turns}, ${name}`);
        series.get(name)?.push(await millisecondsARound(bench, server));
      }
    }
  } finally {
    silent.close();
    await live.kill();
  }
  const without: Series = series.get('no tracking') ?? [];
  const times = (own: Series): number => ratio(own, without);
  return {
    title: 'Tracking: a round of the seed experiment',
    body: [
      seriesTable(
        'ms a round',
        'of no tracking',
        [...series].map(([name, own]) => ({ name, series: own, comparison: `${figure(times(own))}x` })),
      ),
      `Of ${bench.turns} turns, ${rounds} rounds each, from the end of the first to the end of the last.`,
    ],
    verdicts: [...series]
      .filter(([name]) => name !== 'no tracking')
      .map(([name, own]) => atMost(`a round beside ${name}, against no tracking`, 1.02, times(own), 'x')),
    versions: { mlflow: versions[0] },
  };
}
