import type { Parameters } from '../../contracts/index.js';
import type { FederatedData } from '../../data/index.js';
import type { Random } from '../../random/index.js';
import type { ClientSpec } from '../../spec/index.js';
import type { LocalTraining } from '../clients/local-training.js';
import type { Evaluation } from '../evaluation/evaluation.js';
import type { ArmCheckpoints } from './arm-checkpoints.js';
import type { Reporter } from './reporter.js';

/** What every arm has: its data, a way to train and to evaluate, and somewhere to report to. */
export interface Arm {
  readonly name: string;
  readonly data: FederatedData;
  readonly client: ClientSpec;
  /** The initial parameters, the same in every arm. */
  readonly initial: Parameters;
  /** Shuffles local epochs: `at(round, client)`, the same in every arm. */
  readonly batches: Random;
  readonly localTraining: LocalTraining;
  readonly evaluation: Evaluation;
  /** Evaluate at every so many steps, and at the last. */
  readonly evaluateEvery: number;
  /** Rounds, or epochs for centralized. */
  readonly steps: number;
  /** Aborted where the run ends before the arm is done. */
  readonly signal: AbortSignal;
  /** The evaluation of a step may still be under way while the arm trains its next one. */
  readonly report: Reporter['report'];
  /** Where the arm goes on, and where it saves what decides its steps to come. */
  readonly checkpoints: Pick<ArmCheckpoints, 'step' | 'saved' | 'save'>;
}

/** Whether step `step` of an arm ends with an evaluation. */
export function evaluatesAt({ evaluateEvery, steps }: Arm, step: number): boolean {
  return step % evaluateEvery === 0 || step === steps;
}

/** Seconds since `start`, which came from `performance.now()`. */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
