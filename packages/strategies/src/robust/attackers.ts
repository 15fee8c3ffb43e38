/** How many attackers a robust rule is to bear. */
export const attackers = {
  type: 'integer',
  minimum: 0,
  description: 'Clients of a cohort that may send anything.',
} as const;
