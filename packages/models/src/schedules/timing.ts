import type { ScheduleTime } from '@fedx/core';

/** Options that every schedule has. */
export const timing = {
  over: {
    type: 'string',
    enum: ['rounds', 'steps'],
    default: 'rounds',
    description: 'rounds: the rate changes from round to round; steps: within a round, from local step to local step.',
  },
  warmUp: {
    type: 'integer',
    minimum: 0,
    default: 0,
    description: 'Rounds or steps in which the rate rises linearly to its full height.',
  },
} as const;

interface Timing {
  readonly over: 'rounds' | 'steps';
  readonly warmUp: number;
}

/** Rounds or steps that came before, from 0. */
export function elapsed({ over }: Timing, { round, step }: ScheduleTime): number {
  return over === 'rounds' ? round - 1 : step;
}

/** Rises from `1 / warmUp` to 1 (Goyal et al. 2017, arXiv 1706.02677, section 2.2), and stays there. */
export function warmedUp(options: Timing, time: ScheduleTime): number {
  return options.warmUp === 0 ? 1 : Math.min(1, (elapsed(options, time) + 1) / options.warmUp);
}
