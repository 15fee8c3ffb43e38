import { FedxError } from '../../errors/index.js';
import type { JournalEntry, Metrics } from '../../runs/index.js';

/** What the journal of a run that goes on holds of an arm. */
export interface ArmHistory {
  readonly begun: boolean;
  readonly completed: boolean;
  /** Metrics of each step. */
  readonly steps: ReadonlyMap<number, Metrics>;
  /** Clients that failed, as `<step> <client>`. */
  readonly failures: ReadonlySet<string>;
}

export function historyOf(arm: string, entries: readonly JournalEntry[]): ArmHistory {
  const own = entries.filter((entry) => 'arm' in entry && entry.arm === arm);
  return {
    begun: own.some(({ type }) => type === 'arm-started'),
    completed: own.some(({ type }) => type === 'arm-completed'),
    failures: new Set(own.flatMap((entry) => (entry.type === 'client-failed' ? [failureKey(entry)] : []))),
    steps: new Map(
      own.flatMap((entry) => (entry.type === 'step-completed' ? [[entry.step, entry.metrics] as const] : [])),
    ),
  };
}

/** A client's failure in a step. */
export function failureKey({ step, client }: { readonly step: number; readonly client: number }): string {
  return `${step} ${client}`;
}

/** The step that the journal holds last; 0 where it holds none. */
export function lastStep({ steps }: ArmHistory): number {
  return Math.max(0, ...steps.keys());
}

/**
 * FEDX_RESUME_DIFFERS where a step that is computed again is not what the journal holds of it, bit for bit; how long it
 * took is no part of that.
 */
export function differenceIn(arm: string, step: number, before: Metrics, now: Metrics): FedxError | undefined {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((key) => !key.startsWith('time/'));
  const different = keys.find((key) => !Object.is(before[key], now[key]));
  if (different === undefined) return undefined;
  return new FedxError(
    'FEDX_RESUME_DIFFERS',
    `Step ${step} of arm ${arm} was computed again, and ${different} is ${now[different] ?? 'missing'} where the journal has ${before[different] ?? 'nothing'}.`,
    { place: { arm, round: step } },
  );
}
