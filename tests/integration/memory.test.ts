import { join } from 'node:path';
import { createHost } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project, plugins } from './tiny-federation.js';

let project: Project;

beforeAll(async () => {
  project = await createProject();
});

afterAll(() => project.remove());

const MIB = 2 ** 20;

/** Resident memory of this process, worker threads included, after every hundredth round of a run. */
async function memoryOver(rounds: number, overrides: readonly string[]): Promise<readonly number[]> {
  const host = createHost({ plugins, directory: join(project.folder, 'long'), cache: join(project.folder, 'cache') });
  const samples: number[] = [];
  await host.run(
    {
      file: join(project.folder, 'spec.yaml'),
      overrides: [`server.rounds=${rounds}`, 'evaluate.every=100', 'client.epochs=1', ...overrides],
    },
    {
      signal: new AbortController().signal,
      onEvent: (event) => {
        if (event.type === 'step-completed' && event.step % 100 === 0) samples.push(process.memoryUsage.rss());
      },
    },
  );
  return samples;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('memory', () => {
  it('stays what it is over 2,500 rounds: no tensor, session or buffer is left behind', async () => {
    const samples = await memoryOver(2500, [
      'partition.clients=2',
      'client.batchSize=64',
      'model.hidden=[1000]',
      'executor.workers=2',
    ]);
    expect(samples).toHaveLength(25);
    // One copy of the parameters a round, 124 kB, left behind would be 142 MiB from the middle to the end; heaps breathe too.
    const [middle, end] = [samples.slice(8, 13), samples.slice(20)].map(mean);
    expect(((end ?? 0) - (middle ?? 0)) / MIB).toBeLessThan(96);
  });
});
