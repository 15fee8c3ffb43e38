import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OptionsSchema, SinkContext, SinkPlugin } from '../contracts/index.js';
import { awaitCreated } from '../plugins/index.js';
import type { JournalEntry, RunEvent } from '../runs/index.js';
import { resolveOptions } from '../spec/index.js';
import type { ConformanceCheck } from './check.js';
import { definitionChecks, type Setup } from './definition.js';

export interface SinkSetup<Schema extends OptionsSchema = OptionsSchema> extends Setup<Schema> {
  /** Where relative paths in the options start; default: an empty folder of its own for each check. */
  readonly directory?: string;
  /** Within which every call is to be done; default: 10. */
  readonly seconds?: number;
}

/**
 * What every sink must do: take all kinds of events, one by one and many at once, also those of a run that it has had before
 * and that goes on, and end, be it without any.
 */
export function sinkConformance<Schema extends OptionsSchema>(
  plugin: SinkPlugin<Schema>,
  setup?: SinkSetup<Schema>,
): readonly ConformanceCheck[];
export function sinkConformance(plugin: SinkPlugin, setup: SinkSetup = {}): readonly ConformanceCheck[] {
  const { seconds = 10 } = setup;
  // What waits for more events than a handful would never have them.
  const inTime = async <Result>(name: string, work: Result | Promise<Result>): Promise<Result> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const message = `${name} is not done after ${seconds} seconds.`;
      timer = setTimeout(() => reject(new assert.AssertionError({ message })), seconds * 1000);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  };
  const makeSink = (options: Readonly<Record<string, unknown>>, context: SinkContext) =>
    awaitCreated(plugin, () => plugin.create(options, context));
  /** Makes a sink, gives it entries in these batches, and ends it. */
  const give = async (context: SinkContext, ...batches: readonly (readonly JournalEntry[])[]): Promise<void> => {
    const sink = await inTime('create', makeSink(await resolveOptions(plugin, setup.options ?? {}), context));
    for (const entries of batches) await inTime('write', sink.write(entries));
    await inTime('end', sink.end?.());
  };
  const inFolder = async (check: (context: SinkContext) => Promise<void>): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), 'fedx-sink-'));
    const stop = new AbortController();
    try {
      await check({ run, folder, directory: setup.directory ?? folder, signal: stop.signal });
    } finally {
      stop.abort();
      await rm(folder, { recursive: true, force: true });
    }
  };
  return [
    ...definitionChecks(plugin, setup),
    {
      title: 'takes every kind of event, one at a time',
      run: () => inFolder((context) => give(context, ...journal.map((entry) => [entry]))),
    },
    {
      title: 'takes many events at once, and a run again that goes on',
      run: () =>
        inFolder(async (context) => {
          const before = journal.slice(0, 4);
          await give(context, before);
          await give(context, [...before, ...goesOn(before)]);
        }),
    },
    {
      title: 'ends without having had an event',
      run: () => inFolder((context) => give(context)),
    },
  ];
}

const run = '20260101-000000-conformance-0000';

/** One event of each kind. */
const events: { readonly [Type in RunEvent['type']]: Extract<RunEvent, { readonly type: Type }> } = {
  'run-started': {
    ...{ type: 'run-started', run, name: 'conformance', engine: 'onnx', workers: 2, arms: ['federated'], seed: 1 },
    ...{ invocation: run, overrides: { 'strategy.mu': 0.1 }, lowerIsBetter: ['calibration'] },
  },
  'arm-started': { type: 'arm-started', arm: 'federated', use: 'federated', steps: 2 },
  'step-completed': {
    ...{ type: 'step-completed', arm: 'federated', step: 1 },
    metrics: { 'test/accuracy': 0.5, 'test/accuracy/class-3': 0, 'bytes/up': 1e9 },
  },
  'client-failed': {
    ...{ type: 'client-failed', arm: 'federated', step: 2, client: 3, code: 'FEDX_RUN_DIVERGED' },
    message: 'The update of client 3 is not finite.',
  },
  warning: { type: 'warning', message: 'Umlauts, “quotes”,\nand a second line.' },
  'run-interrupted': { type: 'run-interrupted', code: 'FEDX_RUN_INTERRUPTED', message: 'Interrupted.' },
  'run-resumed': {
    ...{ type: 'run-resumed', run },
    arms: [{ arm: 'federated', use: 'federated', step: 1, steps: 2 }],
  },
  'arm-completed': {
    ...{ type: 'arm-completed', arm: 'federated', steps: 2, seconds: 0.5, model: 'arms/federated/model' },
    confusion: [
      [3, 1],
      [0, 4],
    ],
  },
  'run-failed': { type: 'run-failed', code: 'FEDX_PLUGIN_FAILED', message: 'It failed.', place: { plugin: 'mine' } },
  'run-completed': { type: 'run-completed', seconds: 1 },
};

const journal = numbered(Object.values(events), 1);

function goesOn(before: readonly JournalEntry[]): readonly JournalEntry[] {
  return numbered([events['run-resumed'], events['arm-completed'], events['run-completed']], before.length + 1);
}

/** As the journal would keep them. */
function numbered(kept: readonly RunEvent[], first: number): readonly JournalEntry[] {
  return kept.map((event, index) => ({
    ...event,
    sequence: first + index,
    ...('arm' in event && { armSequence: first + index }),
    time: 1_767_225_600_000 + first + index,
  }));
}
