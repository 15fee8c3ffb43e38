/**
 * Medians and trimmed means of a few values, again and again, without sorting them: a strategy asks once for each parameter
 * of the model.
 */
import { normalQuantile } from '../attacks/normal-quantile.js';

/** How many standard deviations of the place of a rank its candidates may lie away: one in 80 is missed. */
const BAND = 2.5;

/**
 * The value of rank `rank` (from 0, ascending) of `count` values. Candidates are those near where mean and deviation of the
 * values let it lie, were they normal; where it is not among them, all are. The order of the values is changed.
 */
export function selectorOf(count: number, rank: number): (values: Float32Array) => number {
  const candidates = new Float32Array(count + 1);
  const share = (rank + 0.5) / count;
  const z = share < 0.5 ? -normalQuantile(1 - share) : normalQuantile(share);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const width = (BAND * Math.sqrt((share * (1 - share)) / count)) / density;

  return (values) => {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i] ?? 0;
      sum += value;
      squares += value * value;
    }
    const mean = sum / count;
    const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
    const low = mean + (z - width) * deviation;
    const high = mean + (z + width) * deviation;
    let below = 0;
    let found = 0;
    // Numbers in place of branches: which way one goes cannot be foreseen.
    for (let i = 0; i < count; i++) {
      const value = values[i] ?? 0;
      const isAbove = +(value >= low);
      candidates[found] = value;
      found += isAbove & +(value <= high);
      below += 1 - isAbove;
    }
    const wanted = rank - below;
    return wanted >= 0 && wanted < found ? select(candidates, wanted, found) : select(values, rank, count);
  };
}

/** The value of rank `rank` of the first `count` values (Hoare 1961, "Algorithm 65: find"). */
function select(values: Float32Array, rank: number, count: number): number {
  let from = 0;
  let to = count - 1;
  while (from < to) {
    const pivot = values[(from + to) >> 1] ?? 0;
    let i = from;
    let j = to;
    do {
      while ((values[i] ?? 0) < pivot) i++;
      while ((values[j] ?? 0) > pivot) j--;
      if (i <= j) {
        const value = values[i] ?? 0;
        values[i] = values[j] ?? 0;
        values[j] = value;
        i++;
        j--;
      }
    } while (i <= j);
    if (rank <= j) to = j;
    else if (rank >= i) from = i;
    else break;
  }
  return values[rank] ?? Number.NaN;
}

/** The middle of `count` values; of an even number, the mean of the two in the middle. */
export function medianOf(count: number): (values: Float32Array) => number {
  const middle = count >> 1;
  const upperOf = selectorOf(count, middle);
  if (count % 2 === 1) return upperOf;
  return (values) => {
    const upper = upperOf(values);
    let lower = Number.NEGATIVE_INFINITY;
    let below = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i] ?? 0;
      const isBelow = value < upper;
      below += +isBelow;
      lower = isBelow && value > lower ? value : lower;
    }
    // Fewer than that are smaller: the one before it is equal to it.
    return below < middle ? upper : (lower + upper) / 2;
  };
}

/** The mean, in float64, of `count` values without the `cut` smallest and the `cut` largest. */
export function trimmedMeanOf(count: number, cut: number): (values: Float32Array) => number {
  const kept = count - 2 * cut;
  const lowOf = selectorOf(count, cut);
  const highOf = selectorOf(count, count - 1 - cut);
  return (values) => {
    const low = lowOf(values);
    const high = highOf(values);
    if (low === high) return low;
    let sum = 0;
    let below = 0;
    let above = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i] ?? 0;
      const isBelow = +(value <= low);
      const isAbove = +(value >= high);
      sum += isBelow + isAbove === 0 ? value : 0;
      below += isBelow;
      above += isAbove;
    }
    // Of those that are equal to a bound, as many as are not cut.
    return (sum + low * (below - cut) + high * (above - cut)) / kept;
  };
}
