/** Figures of one contender, one a turn, in the order of the turns. */
export type Series = readonly number[];

/** The value below which a share `q` of the figures lies, interpolated; NaN without figures. */
function quantile(series: Series, q: number): number {
  const sorted = series.toSorted((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export function median(series: Series): number {
  return quantile(series, 0.5);
}

/** Distance of the quartiles as a share of the median. */
export function spread(series: Series): number {
  return (quantile(series, 0.75) - quantile(series, 0.25)) / median(series);
}

/**
 * How many times `b` goes into `a`: the median over turns of each turn's own ratio, so that a machine that becomes
 * slower between turns changes nothing.
 */
export function ratio(a: Series, b: Series): number {
  return median(a.slice(0, b.length).map((value, turn) => value / (b[turn] ?? NaN)));
}
