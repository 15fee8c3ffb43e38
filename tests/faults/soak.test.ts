import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createHost, readJournal } from '@fedx/core/host';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProject, type Project, plugins } from '../integration/tiny-federation.js';
import { type MlflowServer, programOf, startServer, versions } from '../mlflow/mlflow-server.js';

/** Only `npm run test:faults` asks for rounds; tests/integration/memory.test.ts is the short form. */
const ROUNDS = Number(process.env['FEDX_SOAK_ROUNDS'] ?? 0);

const MIB = 2 ** 20;

/** Without an MLflow the run is not tracked. */
const isTracked = programOf(versions[0], 'mlflow') !== undefined;

let project: Project;
let server: MlflowServer | undefined;

beforeAll(async () => {
  project = await createProject();
  if (ROUNDS > 0 && isTracked) {
    server = await startServer({ version: versions[0], directory: join(project.folder, 'mlflow') });
  }
});
afterAll(async () => {
  await server?.kill();
  await project.remove();
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of so many parts of equal length. */
const part = (values: readonly number[], index: number, of: number): readonly number[] =>
  values.slice((index * values.length) / of, ((index + 1) * values.length) / of);

it.skipIf(ROUNDS === 0)(
  `memory and the time of a round stay what they are over ${ROUNDS} rounds, ${isTracked ? 'tracked' : 'not tracked'} by MLflow`,
  { timeout: 3_600_000 },
  async () => {
    const host = createHost({
      plugins,
      directory: project.folder,
      cache: join(project.folder, 'cache'),
      env: server === undefined ? {} : { MLFLOW_TRACKING_URI: server.uri },
    });
    const memory: number[] = [];
    const processor: number[] = [];
    const sampled = ROUNDS / 100;
    let before = process.cpuUsage();
    const { signal } = new AbortController();
    const { runs, tracking } = await host.run(
      {
        file: join(project.folder, 'spec.yaml'),
        overrides: [
          `server.rounds=${ROUNDS}`,
          `evaluate.every=${sampled}`,
          'client={ epochs: 1, batchSize: 64, optimizer: { use: sgd, learningRate: 0.05 } }',
          'partition.clients=2',
          'model.hidden=[1000]',
          'executor.workers=2',
        ],
      },
      {
        signal,
        onEvent: (event) => {
          if (event.type !== 'step-completed' || event.step % sampled !== 0) return;
          const { user, system } = process.cpuUsage(before);
          before = process.cpuUsage();
          processor.push((user + system) / sampled);
          memory.push(process.memoryUsage.rss());
        },
      },
    );
    expect(memory).toHaveLength(100);
    // A copy of the parameters left behind in each round, 124 kB, would be 473 MiB of 10,000 rounds; heaps breathe too.
    const growth = (mean(part(memory, 4, 5)) - mean(part(memory, 2, 5))) / MIB;
    expect(growth).toBeLessThan(96);

    const path = join(runs[0]?.directory ?? '', 'events.jsonl');
    const journal = join(project.folder, path);
    let steps = 0;
    const start = process.cpuUsage();
    for await (const { type } of readJournal(journal)) if (type === 'step-completed') steps++;
    const { user, system } = process.cpuUsage(start);
    expect(steps).toBe(ROUNDS);
    // Compares every point with the journal.
    const synced = isTracked ? await host.sync(runs[0]?.id ?? '', { signal }) : undefined;
    const figures = {
      ...(synced !== undefined && { sentInTime: tracking?.complete, points: synced.points }),
      memory: [0, 2, 4].map((index) => Math.round(mean(part(memory, index, 5)) / MIB)),
      microsecondsOfProcessor: [0, 2, 4].map((index) => Math.round(mean(part(processor, index, 5)))),
      journalMegabytes: statSync(journal).size / 1e6,
      journalMegabytesASecond: Math.round(statSync(journal).size / (user + system)),
    };
    // Times are for the reader to judge: others share the cores.
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  },
);
