import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import type { PartitionManifest } from '../data/index.js';
import { FedxError } from '../errors/index.js';
import { suggest } from '../names/index.js';
import { type ArmSummary, findInvocation, type RunRecord, type RunStatus, readRun, selectRuns } from '../runs/index.js';
import { type ComparedRun, type CompareRequest, type Comparison, compareRuns } from './compare.js';
import { figureOf } from './figure.js';

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
  const measured = new Set<number>();
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
      else leftOut.push({ run: id, arm: arm.arm, reason: whyNot(arm.status, record.run.status, request) });
    }
    for (const entry of record.entries)
      if (entry.type === 'step-completed' && entry.metrics[request.metric] !== undefined) measured.add(entry.step);
    if (record.arms.length === 0) leftOut.push({ run: id, reason: 'its journal does not say what it did' });
    const split = splitOf(record.partition);
    compared.push({ id, seed: seedOf(spec), spec, values, ...(split === undefined ? {} : { split }) });
  }
  const hasNothing = compared.every(({ values }) => values.size === 0);
  if (hasNothing && metrics.size > 0 && !metrics.has(request.metric)) {
    throw new FedxError('FEDX_COMPARE_IMPOSSIBLE', `None of the runs has the metric ${request.metric}.`, {
      hint: suggest(request.metric, [...metrics].toSorted(), 'Metrics of these runs'),
    });
  }
  const resume = resumeHint(leftOut);
  if (hasNothing && resume !== undefined) {
    throw new FedxError('FEDX_COMPARE_IMPOSSIBLE', 'No arm of these runs has completed.', { hint: resume });
  }
  if (hasNothing && typeof request.at === 'number' && measured.size > 0) {
    throw new FedxError('FEDX_COMPARE_IMPOSSIBLE', `No completed arm has ${request.metric} at step ${request.at}.`, {
      hint: measuredHint(measured),
    });
  }
  return { ...compareRuns(compared, request), leftOut };
}

/** In which steps a metric was measured. */
function measuredHint(steps: ReadonlySet<number>): string {
  const sorted = [...steps].sort((a, b) => a - b);
  const listed = sorted.length > 6 ? `${sorted[0]}, ${sorted[1]}, … ${sorted.at(-1)}` : sorted.join(', ');
  return `It was measured at ${sorted.length === 1 ? 'step' : 'the steps'} ${listed}; --at also takes last and best.`;
}

/** How to go on with runs that were left out because they did not end; undefined where there are none. */
export function resumeHint(leftOut: readonly LeftOut[]): string | undefined {
  const ended = new Set(leftOut.filter(({ reason }) => unfinished.has(reason)).map(({ run }) => run));
  const [first, ...others] = ended;
  if (first === undefined) return undefined;
  if (others.length === 0) return `fedx resume ${first} goes on with it.`;
  return `fedx resume RUN goes on with each of ${[first, ...others.slice(0, 4)].join(', ')}${others.length > 4 ? ', …' : ''}.`;
}

function valueOf({ arms, entries }: RunRecord, arm: string, { metric, at }: CompareRequest): number | undefined {
  const steps = entries.flatMap((entry) => (entry.type === 'step-completed' && entry.arm === arm ? [entry] : []));
  const summary = arms.find((other) => other.arm === arm);
  return summary && figureOf(summary, steps, metric, at).value;
}

/** Reasons of arms that another try may bring to their end. */
const unfinished: ReadonlySet<string> = new Set<ArmSummary['status']>(['failed', 'interrupted']);

function whyNot(arm: ArmSummary['status'], run: RunStatus, { metric, at }: CompareRequest): string {
  if (arm !== 'completed') return run === 'running' ? 'still running' : arm;
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
