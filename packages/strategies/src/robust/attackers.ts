import type { Robustness } from '@fedx/core';

/** How many attackers a robust rule is to bear. */
export const attackers = {
  type: 'integer',
  minimum: 0,
  description: 'Clients of a cohort that may send anything.',
} as const;

/** What a rule made for `f` attackers of a cohort promises. */
export function upTo(f: number): Robustness {
  return {
    rule: `${f} attacker${f === 1 ? '' : 's'} in a round, as strategy.attackers says`,
    bears: ({ attackers: found }) => found <= f,
  };
}
