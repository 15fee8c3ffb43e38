import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import type { PartitionManifest } from '../data/index.js';
import { FedxError } from '../errors/index.js';
import { findInvocation, type RunRecord, readRun, selectRuns } from '../runs/index.js';
import { suggest } from '../spec/index.js';
import { type ComparedRun, type CompareRequest, type Comparison, compareRuns } from './compare.js';
import { type FigureOfStep, figureOf } from './figure.js';

/** A comparison of runs on disk. */
export interface FolderComparison extends Comparison {
  /** Runs and arms that say nothing here, and why. */
  readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
  readonly run: string;
  /** Absent where it is the whole run. */
  readonly arm?: string;
  readonly reason: string;
}

/**
 * Compares the runs that names mean (see {@link selectRuns}; `latest` is the latest invocation). Arms that did not complete or lack the metric are left out
 * and named. Throws FEDX_RUN_NOT_FOUND, and FEDX_COMPARE_IMPOSSIBLE as {@link compareRuns} does.
 */
export async function compareFolders(
  directory: string,
  names: readonly string[],
  request: CompareRequest,
): Promise<FolderComparison> {
  const leftOut: LeftOut[] = [];
  const compared: ComparedRun[] = [];
  const metrics = new Set<string>();
  // The latest run alone has nothing to be compared with; the latest sweep has.
  const selectors = names.map((name) => (name === 'latest' ? findInvocation(directory, name) : name));
  for (const id of selectRuns(directory, selectors)) {
    const record = await readRun(directory, id);
    const spec = parseMapping(record.spec);
    if (spec === undefined) {
      leftOut.push({ run: id, reason: 'its spec.resolved.yaml cannot be read' });
      continue;
    }
    const values = new Map<string, number>();
    for (const arm of record.arms) {
      for (const key of Object.keys(arm.metrics)) metrics.add(key);
      const value = arm.status === 'completed' ? valueOf(record, arm.arm, request) : undefined;
      if (value !== undefined) values.set(arm.arm, value);
      else leftOut.push({ run: id, arm: arm.arm, reason: whyNot(arm.status, request) });
    }
    if (record.arms.length === 0) leftOut.push({ run: id, reason: 'its journal does not say what it did' });
    const split = splitOf(record.partition);
    compared.push({ id, seed: seedOf(spec), spec, values, ...(split === undefined ? {} : { split }) });
  }
  if (compared.every(({ values }) => values.size === 0) && metrics.size > 0 && !metrics.has(request.metric)) {
    throw new FedxError('FEDX_COMPARE_IMPOSSIBLE', `None of the runs has the metric ${request.metric}.`, {
      hint: suggest(request.metric, [...metrics].toSorted(), 'Metrics of these runs'),
    });
  }
  return { ...compareRuns(compared, request), leftOut };
}

function valueOf({ arms, entries }: RunRecord, arm: string, { metric, at }: CompareRequest): number | undefined {
  const steps = entries.flatMap((entry) => (entry.type === 'step-completed' && entry.arm === arm ? [entry] : []));
  const summary = arms.find((other) => other.arm === arm);
  return summary && figureOf(summary, steps, metric, at).value;
}

function whyNot(status: string, { metric, at }: { readonly metric: string; readonly at: FigureOfStep }): string {
  if (status !== 'completed') return status;
  return typeof at === 'number' ? `no ${metric} at step ${at}` : `no ${metric}`;
}

/** The seed is in every resolved spec. */
function seedOf(spec: Readonly<Record<string, unknown>>): number {
  return typeof spec['seed'] === 'number' ? spec['seed'] : Number.NaN;
}

/** Who trains and is tested on which images of which dataset, as one digest. */
function splitOf(partition: PartitionManifest | undefined): string | undefined {
  if (partition === undefined) return undefined;
  const { dataset, testSet, validationSet, clients } = partition;
  const decisive = [
    dataset,
    testSet,
    validationSet,
    clients.map(({ train, validation, test }) => [train, validation, test]),
  ];
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex');
}

function parseMapping(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = parse(text, { merge: true });
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
