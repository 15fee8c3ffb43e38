import type { Random } from '@fedx/core';

/**
 * Shares that sum to 1 from Dir(alphas) over the entries that take part, and 0 for the others. Whatever part of a draw
 * over all entries falls to these, it is divided among them in this way, independently of how much it is: so this is
 * what a draw over all says of them where a tiny alpha has left them shares below any float64, which are 0.
 */
export function dirichletAmong(alphas: readonly number[], takesPart: readonly boolean[], random: Random): number[] {
  const shares = random.dirichlet(alphas.filter((_, entry) => takesPart[entry]));
  let next = 0;
  return takesPart.map((isIn) => (isIn ? (shares[next++] ?? 0) : 0));
}
