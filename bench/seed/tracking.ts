/** What tracking costs a round: the seed experiment without it, on a server, and beside servers that are no help. */
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { freePort, startServer, versions } from '../../tests/mlflow/mlflow-server.js';
import type { TrackingReply } from '../contenders/fedx-tracking.js';
import { start } from '../driver/child.js';
import { cores, onCores, repository } from '../driver/machine.js';
import { atMost, figure, type Section, seriesTable } from '../driver/report.js';
import { ratio, type Series } from '../driver/statistics.js';
import { type Bench, node } from '../driver/turns.js';

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

/** Runs the federated arm alone. */
async function runOnce(bench: Bench, server: string): Promise<TrackingReply> {
  const directory = await mkdtemp(join(bench.scratch, 'tracking-'));
  const spec = join(repository, 'experiments/noniid-mnist.yaml');
  const options = ['controls=[]', 'expect=[]', `server.rounds=${rounds}`, `tracking.mlflow=${server}`];
  const command = onCores(cores, node('fedx-tracking.ts', directory, spec, ...options));
  const environment = { FEDX_CACHE: join(bench.scratch, 'cache') };
  const child = start({ command, directory: repository, environment });
  child.process.stdin.end();
  const [line] = (await Promise.race([once(child.lines, 'line'), child.ended.then(() => [''])])) as [string];
  await child.ended;
  return JSON.parse(line) as TrackingReply;
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
  const replies = new Map<string, TrackingReply[]>(Object.keys(servers).map((name) => [name, []]));
  try {
    for (let turn = 1; turn <= bench.turns; turn++) {
      for (const [name, server] of Object.entries(servers)) {
        bench.log(`tracking: turn ${turn} of ${bench.turns}, ${name}`);
        replies.get(name)?.push(await runOnce(bench, server));
      }
    }
  } finally {
    silent.close();
    await live.kill();
  }
  const series = (name: string, time: keyof TrackingReply): Series =>
    (replies.get(name) ?? []).map((reply) => reply[time]);
  const times = (name: string, time: keyof TrackingReply): number =>
    ratio(series(name, time), series('no tracking', time));
  const show = (unit: string, time: keyof TrackingReply): string =>
    seriesTable(
      unit,
      'of no tracking',
      [...replies.keys()].map((name) => ({
        name,
        series: series(name, time),
        comparison: `${figure(times(name, time))}x`,
      })),
    );
  return {
    title: 'Tracking: a round of the seed experiment',
    body: [
      show('ms of the processor a round', 'processor'),
      show('ms on the clock a round', 'wall'),
      `Of ${bench.turns} turns, ${rounds} rounds each, from the end of the first to the end of the last. Time of the processor is that of all threads of the run; the server's is not in it, but shares the cores.`,
    ],
    verdicts: [...replies.keys()]
      .filter((name) => name !== 'no tracking')
      .map((name) =>
        atMost(
          `a round beside ${name}, against no tracking, time of the processor`,
          1.02,
          times(name, 'processor'),
          'x',
        ),
      ),
    versions: { mlflow: versions[0] },
  };
}
