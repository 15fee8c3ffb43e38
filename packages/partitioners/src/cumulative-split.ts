/**
 * Cuts `total` in proportion to `shares` as NumPy code of this field does: part k ends at floor(total * (sum of the
 * first k + 1 shares)), and the last part takes what is left. Shares sum to 1; parts are whole and sum to `total`.
 * An end that is below a whole number by no more than `tolerance` of itself is that number.
 */
export function cumulativeSplit(total: number, shares: readonly number[], tolerance = 0): number[] {
  let cumulated = 0;
  let start = 0;
  return shares.map((share, k) => {
    cumulated += share;
    const end = k === shares.length - 1 ? total : Math.min(total, Math.floor(cumulated * total * (1 + tolerance)));
    const part = end - start;
    start = end;
    return part;
  });
}
