/** A run's points, in the journal and on a server, in one form. */
import type { JournalEntry } from '@fedx/core/host';
import type { MetricPoint, MlflowClient } from 'mlflow-js-client';
import { expect } from 'vitest';
import { all } from './all.js';

/** Points by arm and key, in the order of steps. */
export type Points = Readonly<Record<string, Readonly<Record<string, readonly MetricPoint[]>>>>;

/** All points that a journal has. */
export function pointsOf(events: readonly JournalEntry[]): Points {
  const arms: Record<string, Record<string, MetricPoint[]>> = {};
  for (const event of events) {
    if (event.type !== 'step-completed') continue;
    const keys = (arms[event.arm] ??= {});
    for (const [key, value] of Object.entries(event.metrics)) {
      (keys[key] ??= []).push({ value, timestamp: event.time, step: event.step });
    }
  }
  return arms;
}

/** All points that a server has of the runs with an arm in an experiment; an arm with two runs fails. */
export async function pointsOn(client: MlflowClient, experiment: string): Promise<Points> {
  const { experimentId } = await client.experiments.getOrCreate({ name: experiment });
  const arms: Record<string, Record<string, MetricPoint[]>> = {};
  for (const run of await all(client.runs.search({ experimentIds: [experimentId] }))) {
    const arm = run.tags['fedx.arm'];
    if (arm === undefined) continue;
    expect(arms).not.toHaveProperty(arm);
    const keys: Record<string, MetricPoint[]> = {};
    for (const key of Object.keys(run.metrics)) {
      keys[key] = (await all(client.metrics.history(run.runId, key))).sort((a, b) => a.step - b.step);
    }
    arms[arm] = keys;
  }
  return arms;
}
