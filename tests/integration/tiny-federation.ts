import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost, type HostOptions, type JournalEntry, type RunReport } from '@fedx/core/host';
import { datasets } from '@fedx/datasets';
import { metrics, models, optimizers, schedules } from '@fedx/models';
import { partitioners } from '@fedx/partitioners';
import { attacks, samplers, strategies, transforms } from '@fedx/strategies';

/** All that ships. */
export const plugins = [
  ...datasets,
  ...models,
  ...optimizers,
  ...schedules,
  ...metrics,
  ...partitioners,
  ...attacks,
  ...samplers,
  ...transforms,
  ...strategies,
];

/** Five clients on some hundred images of 5 x 4 pixels. */
const spec = `apiVersion: fedx/v1
name: tiny
seed: 5
plugins: []
dataset: { use: mnist, path: ./data, split: pooled }
partition: { use: iid, clients: 5 }
holdout: { test: 0.2 }
model: { use: mlp, hidden: [20], activation: relu }
client: { epochs: 2, batchSize: 8, lastBatch: keep, optimizer: { use: sgd, learningRate: 0.1 } }
strategy: { use: fedavg }
server: { rounds: 3 }
controls: []
`;

/** Overrides with which clients train jointly: many of them, each with few examples, and a wide first layer. */
export const joint = ['partition.clients=20', 'client.batchSize=4', 'model.hidden=[3300]'];

/** An IDX file of bytes: the magic number, the sizes as big-endian uint32, the values. */
export function idx(shape: readonly number[], values: Uint8Array): Buffer {
  const header = Buffer.from([0, 0, 8, shape.length, ...new Array<number>(4 * shape.length).fill(0)]);
  shape.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, values]);
}

/** `count` images, of 5 x 4 pixels or `side` x `side`, whose label shows in their pixels, and their labels 0 to 9 in turn. */
export function images(count: number, first = 0, side?: number): { readonly images: Buffer; readonly labels: Buffer } {
  const [height, width] = side === undefined ? [5, 4] : [side, side];
  const pixels = height * width;
  const labels = Uint8Array.from({ length: count }, (_, i) => (first + i) % 10);
  const pixel = (i: number) => {
    const [image, place] = [Math.floor(i / pixels), i % pixels];
    const noise = ((first * pixels + i + 1) * 0.6180339887) % 1;
    return 100 * noise + (place % 10 === labels[image] ? 150 : 0);
  };
  return {
    images: idx(
      [count, height, width],
      Uint8Array.from({ length: count * pixels }, (_, i) => pixel(i)),
    ),
    labels: idx([count], labels),
  };
}

export interface Project {
  readonly folder: string;
  /** Writes a file of the project. */
  write(name: string, content: string | Uint8Array): Promise<void>;
  /** Runs `spec.yaml` with some overrides; `ended` tells how. */
  run(overrides?: readonly string[], options?: Partial<HostOptions>): Promise<Run>;
  remove(): Promise<void>;
}

export interface Run {
  readonly report?: RunReport;
  /** What it rejected with. */
  readonly error?: unknown;
  readonly events: readonly JournalEntry[];
  /** The run folder; absent where the run did not come to make one. */
  readonly folder: string;
  /** Names of the programs in the cache, after the run. */
  readonly programs: readonly string[];
}

/** A folder with data and a spec, for runs that share a cache. */
export async function createProject(): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'fedx-tiny-'));
  const cache = join(folder, 'cache');
  const [train, test] = [images(330), images(50, 330)];
  let runs = 0;
  const write = (name: string, content: string | Uint8Array) => writeFile(join(folder, name), content);
  await mkdir(join(folder, 'data'));
  await write('data/train-images-idx3-ubyte', train.images);
  await write('data/train-labels-idx1-ubyte', train.labels);
  await write('data/t10k-images-idx3-ubyte', test.images);
  await write('data/t10k-labels-idx1-ubyte', test.labels);
  await write('spec.yaml', spec);

  return {
    folder,
    write,
    remove: () => rm(folder, { recursive: true }),
    async run(overrides = [], options = {}) {
      const directory = join(folder, `run-${runs++}`);
      const host = createHost({ plugins, directory, cache, ...options });
      const events: JournalEntry[] = [];
      const request = { file: join(folder, 'spec.yaml'), overrides };
      const ended = await host
        .run(request, { signal: new AbortController().signal, onEvent: (event) => events.push(event) })
        .then(
          (report) => ({ report }),
          (error: unknown) => ({ error }),
        );
      const [run = ''] = await namesIn(join(directory, '.fedx', 'runs'));
      const [digest = ''] = await namesIn(join(cache, 'datasets'));
      const programs = (await namesIn(join(cache, 'datasets', digest))).filter((name) => name.endsWith('.onnx'));
      return { ...ended, events, folder: join(directory, '.fedx', 'runs', run), programs };
    },
  };
}

/** All that a run computed, by arm: the bytes of the final model, and the metrics of every step but times. */
export async function resultsOf({ error, events, folder }: Run): Promise<Readonly<Record<string, unknown>>> {
  if (error !== undefined) throw error as Error;
  const results: Record<string, unknown> = {};
  for (const event of events) {
    if (event.type === 'step-completed') {
      const metrics = Object.entries(event.metrics).filter(([key]) => !key.startsWith('time/'));
      results[`${event.arm} ${event.step}`] = Object.fromEntries(metrics);
    }
    if (event.type === 'arm-completed') {
      results[`${event.arm} confusion`] = event.confusion;
      const model = join(folder, 'arms', event.arm, 'model', 'model.safetensors');
      if (event.model !== undefined) results[`${event.arm} model`] = await readFile(model, 'hex');
    }
  }
  return results;
}

/** The float32 values of an arm's final model, by name. */
export async function weightsOf({ error, folder }: Run, arm = 'federated'): Promise<Map<string, Float32Array>> {
  if (error !== undefined) throw error as Error;
  const bytes = await readFile(join(folder, 'arms', arm, 'model', 'model.safetensors'));
  const start = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<string, { data_offsets?: [number, number] }>;
  return new Map(
    Object.entries(header).flatMap(([name, { data_offsets: offsets }]) =>
      offsets === undefined
        ? []
        : [
            [
              name,
              new Float32Array(
                bytes.buffer.slice(bytes.byteOffset + start + offsets[0], bytes.byteOffset + start + offsets[1]),
              ),
            ],
          ],
    ),
  );
}

/** Largest norm of the difference over norm, of all tensors. */
export function distance(actual: Map<string, Float32Array>, expected: Map<string, Float32Array>): number {
  const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
  if ([...actual.keys()].join() !== [...expected.keys()].join()) return Infinity;
  return Math.max(
    ...[...expected].map(
      ([name, values]) => norm(values.map((value, i) => value - (actual.get(name)?.[i] ?? Number.NaN))) / norm(values),
    ),
  );
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}
