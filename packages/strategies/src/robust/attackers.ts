import { FedxError } from '@fedx/core';

/** How many attackers a robust rule is to bear. */
export const attackers = {
  type: 'integer',
  minimum: 0,
  description: 'Clients of a cohort that may send anything.',
} as const;

/** Throws FEDX_STRATEGY_UNMET where a cohort is too small for its attackers; `lower` is the option that asks for less. */
export function checkCohort(strategy: string, cohort: number, least: number, rule: string, lower = 'attackers'): void {
  if (cohort >= least) return;
  throw new FedxError(
    'FEDX_STRATEGY_UNMET',
    `The strategy ${strategy} bears its attackers only in a cohort of at least ${least} clients (${rule}), but this one has ${cohort}.`,
    { place: { plugin: strategy }, hint: `Lower strategy.${lower}, or let more clients take part.` },
  );
}
