/**
 * Divides `total` into whole numbers in proportion to `weights` (at least 0): the largest-remainder method of Hamilton,
 * ties to the entry with less of `before` where that is given, then to the earlier one. Where the weights are whole and `total` is at most their sum, no entry exceeds its weight.
 * All zeros where the weights are.
 */
export function apportion(total: number, weights: readonly number[], before: readonly number[] = []): number[] {
  const sum = weights.reduce((partial, weight) => partial + weight, 0);
  if (sum === 0) return weights.map(() => 0);
  // Whole-number arithmetic (exact to 2^53): a remainder such as 1/3 in float64 would break ties by rounding errors.
  const shares = weights.map((weight) => Math.floor((total * weight) / sum));
  const remainders = weights.map((weight, entry) => total * weight - (shares[entry] ?? 0) * sum);
  const left = total - shares.reduce((partial, share) => partial + share, 0);
  const winners = [...weights.keys()]
    .sort((a, b) => (remainders[b] ?? 0) - (remainders[a] ?? 0) || (before[a] ?? 0) - (before[b] ?? 0) || a - b)
    .slice(0, left);
  for (const winner of winners) shares[winner] = (shares[winner] ?? 0) + 1;
  return shares;
}
