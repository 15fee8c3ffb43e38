import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineDataset, type Parameters, type Plugin, type StrategyPlugin } from '@fedx/core';
import { createHost, type JournalEntry } from '@fedx/core/host';
import { models, optimizers, schedules } from '@fedx/models';
import { partitioners } from '@fedx/partitioners';
import { samplers, strategies } from '@fedx/strategies';

/** Labelled examples that belong to clients; what is scored is of no interest here. */
export interface ClientsData {
  /** Of each client, of each of its examples: the features. */
  readonly inputs: readonly (readonly (readonly number[])[])[];
  readonly labels: readonly (readonly number[])[];
  readonly classes: number;
}

export interface RecordedRun {
  readonly data: ClientsData;
  /** Plugins beside the built-in ones. */
  readonly plugins?: readonly Plugin[];
  /** Of the spec: `model`, `client`, `strategy`, `server` and perhaps `evaluate`, as YAML in one line each. */
  readonly spec: Readonly<Record<'model' | 'client' | 'strategy' | 'server', string>> & { readonly evaluate?: string };
  readonly onEvent?: (event: JournalEntry) => void;
}

/** The seed of all recorded runs. */
export const seed = 2026;

/** Trains a federation as `fedx run` does, compiled, on worker threads. Returns the global parameters after each round. */
export async function recordRun(run: RecordedRun): Promise<readonly Parameters[]> {
  const { data, plugins: own = [], spec, onEvent = () => undefined } = run;
  const rounds: Parameters[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'fedx-golden-'));
  const file = join(folder, 'spec.yaml');
  const lines = Object.entries({
    apiVersion: 'fedx/v1',
    name: 'golden',
    seed,
    dataset: '{ use: of-clients, split: standard }',
    partition: '{ use: by-column }',
    engine: '{ use: onnx }',
    executor: '{ use: worker-pool, workers: 1 }',
    ...spec,
  });
  await writeFile(file, lines.map(([key, value]) => `${key}: ${value}\n`).join(''));
  const plugins: Plugin[] = [
    ofClients(data),
    ...own,
    ...models,
    ...optimizers,
    ...schedules,
    ...partitioners,
    ...samplers,
    ...strategies.map((plugin) => (plugin.kind === 'strategy' ? recorded(plugin, rounds) : plugin)),
  ];
  try {
    await createHost({ plugins, directory: folder, env: {} }).run(
      { file, overrides: [] },
      { signal: new AbortController().signal, onEvent },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
  return rounds;
}

/** The strategy itself; notes what it makes of each round. */
function recorded(plugin: StrategyPlugin, rounds: Parameters[]): StrategyPlugin {
  return {
    ...plugin,
    create(options, context) {
      const strategy = plugin.create(options, context);
      return {
        ...strategy,
        aggregate(call) {
          const next = strategy.aggregate(call);
          rounds.push(next.global);
          return next;
        },
      };
    },
  };
}

/** A dataset whose groups are the clients; its digest is that of the data, as caches know it by that. Its own test set is the first example again, as often as figures over clients need. */
function ofClients(data: ClientsData): Plugin {
  const { inputs, labels, classes } = data;
  const rows = inputs.flat();
  const [first = []] = rows;
  const test = Array.from({ length: 10 }, () => labels[0]?.[0] ?? 0);
  return defineDataset({
    name: 'of-clients',
    options: { type: 'object', additionalProperties: false, properties: { split: { const: 'standard' } } },
    load: async () => ({
      examples: rows.length + test.length,
      inputShape: [first.length],
      inputs: Float32Array.from([...rows, ...test.map(() => first)].flat()),
      scale: 1,
      labels: Uint8Array.from([...labels.flat(), ...test]),
      classes,
      testFrom: rows.length,
      groups: {
        of: Uint32Array.from([...inputs.flatMap((of, client) => of.map(() => client)), ...test.map(() => 0)]),
        names: inputs.map((_, client) => `client ${client}`),
      },
      digest: createHash('sha256').update(JSON.stringify(data)).digest('hex'),
    }),
  });
}
