import type { OptionsOf, OptionsSchema } from './options.js';

/** When a learning rate applies. */
export interface ScheduleTime {
  /** Round, from 1; of the centralized control, epoch. */
  readonly round: number;
  /** Rounds of the run. */
  readonly rounds: number;
  /** Local step within the round, from 0; 0 where the schedule goes by rounds. */
  readonly step: number;
}

/** A learning-rate schedule: plain numbers, computed before a client starts. */
export interface Schedule {
  /** `rounds`: one factor a round; `steps`: one a local step. */
  readonly over: 'rounds' | 'steps';
  /** What the optimizer's `learningRate` is multiplied by; finite, at least 0. */
  factor(time: ScheduleTime): number;
}

/** A learning-rate schedule plugin. */
export interface SchedulePlugin<Schema extends OptionsSchema = OptionsSchema> {
  readonly kind: 'schedule';
  readonly name: string;
  readonly options: Schema;
  create(options: OptionsOf<Schema>): Schedule;
}
