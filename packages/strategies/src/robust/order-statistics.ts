/**
 * Medians and trimmed means of a few values, again and again, without sorting them: a strategy asks once for each parameter
 * of the model. Values near a rank are picked out by their distance from the mean, twice, and only those few are sorted (in
 * the manner of Floyd and Rivest 1975, "Expected time bounds for selection"). Which way a comparison of such values goes
 * cannot be foreseen, so that they are counted rather than branched on.
 */
import { normalQuantile } from '../attacks/normal-quantile.js';

/** How many standard deviations of the place of a rank its candidates may lie away: one in 80 is missed. */
const BAND = 2.5;

/** The same where candidates are narrowed once more. */
const SECOND_BAND = 2;

/** No more than these are sorted as they are. */
const FEW = 12;

/** Finds one rank among values. */
interface Locator {
  /** After `locate`: values in ascending order. */
  readonly near: Float32Array;
  /** Returns where in `near` the value of the rank is; not in front, unless it is the smallest of all. */
  locate(values: Float32Array): number;
}

/** What lies below a band, and within. */
type Tally = [below: number, within: number];

/** Locates rank `rank` (from 0, ascending) of `count` values. */
function locatorOf(count: number, rank: number): Locator {
  // One more, as the place behind the last candidate is written to.
  const candidates = new Float32Array(count + 1);
  const near = new Float32Array(count + 1);
  const tally: Tally = [0, 0];
  const share = (rank + 0.5) / count;
  const z = share < 0.5 ? -normalQuantile(1 - share) : normalQuantile(share);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const width = (BAND * Math.sqrt((share * (1 - share)) / count)) / density;

  function locate(values: Float32Array): number {
    // As if they were normal.
    pick(values, count, z, width, candidates, tally);
    const [below, found] = tally;
    const at = rank - below;
    if (!isWithin(at, rank, found)) return sorted(values, count, near, rank);
    if (found <= FEW) return sorted(candidates, found, near, at);
    // What lies in a narrow band is spread evenly over it, whatever it comes from.
    const part = (at + 0.5) / found;
    const evenly = Math.sqrt(12) * (part - 0.5);
    pick(candidates, found, evenly, SECOND_BAND * Math.sqrt((12 * part * (1 - part)) / found), near, tally);
    const [fewBelow, few] = tally;
    if (!isWithin(at - fewBelow, at, few)) return sorted(candidates, found, near, at);
    return sorted(near, few, near, at - fewBelow);
  }
  return { near, locate };
}

/** Whether a rank is among the `found` ones, and the one before it, unless there is none. */
function isWithin(at: number, rank: number, found: number): boolean {
  return at >= Math.min(rank, 1) && at < found;
}

/**
 * Copies those of the first `count` values that lie within `width` standard deviations of `z` standard deviations above the
 * mean.
 */
function pick(values: Float32Array, count: number, z: number, width: number, out: Float32Array, tally: Tally): void {
  // Four at once: most of what a loop over an array takes is the loop and the array.
  let s0 = 0;
  let s1 = 0;
  let q0 = 0;
  let q1 = 0;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    const a = values[i] ?? 0;
    const b = values[i + 1] ?? 0;
    const c = values[i + 2] ?? 0;
    const d = values[i + 3] ?? 0;
    s0 += a + b;
    s1 += c + d;
    q0 += a * a + b * b;
    q1 += c * c + d * d;
  }
  for (; i < count; i++) {
    const a = values[i] ?? 0;
    s0 += a;
    q0 += a * a;
  }
  const mean = (s0 + s1) / count;
  const deviation = Math.sqrt(Math.max(0, (q0 + q1) / count - mean * mean));
  const low = mean + (z - width) * deviation;
  const high = mean + (z + width) * deviation;

  let notBelow = 0;
  let found = 0;
  for (i = 0; i + 3 < count; i += 4) {
    const a = values[i] ?? 0;
    const b = values[i + 1] ?? 0;
    const c = values[i + 2] ?? 0;
    const d = values[i + 3] ?? 0;
    const isA = +(a >= low);
    const isB = +(b >= low);
    const isC = +(c >= low);
    const isD = +(d >= low);
    out[found] = a;
    found += isA & +(a <= high);
    out[found] = b;
    found += isB & +(b <= high);
    out[found] = c;
    found += isC & +(c <= high);
    out[found] = d;
    found += isD & +(d <= high);
    notBelow += isA + isB + (isC + isD);
  }
  for (; i < count; i++) {
    const a = values[i] ?? 0;
    const isA = +(a >= low);
    out[found] = a;
    found += isA & +(a <= high);
    notBelow += isA;
  }
  tally[0] = count - notBelow;
  tally[1] = found;
}

/** Sorts the first `count` values into `out`; returns `at`. */
function sorted(values: Float32Array, count: number, out: Float32Array, at: number): number {
  if (count > 2 * FEW) {
    out.set(values.subarray(0, count));
    out.subarray(0, count).sort();
    return at;
  }
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0;
    let j = i;
    for (; j > 0 && (out[j - 1] ?? 0) > value; j--) out[j] = out[j - 1] ?? 0;
    out[j] = value;
  }
  return at;
}

/** The value of rank `rank` (from 0, ascending) of `count` values. */
export function selectorOf(count: number, rank: number): (values: Float32Array) => number {
  const { near, locate } = locatorOf(count, rank);
  return (values) => near[locate(values)] ?? Number.NaN;
}

/** The middle of `count` values; of an even number, the mean of the two in the middle. */
export function medianOf(count: number): (values: Float32Array) => number {
  const middle = count >> 1;
  if (count % 2 === 1) return selectorOf(count, middle);
  const { near, locate } = locatorOf(count, middle);
  return (values) => {
    const at = locate(values);
    return ((near[at - 1] ?? Number.NaN) + (near[at] ?? Number.NaN)) / 2;
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
      sum += value * (1 - isBelow - isAbove);
      below += isBelow;
      above += isAbove;
    }
    // Of those that are equal to a bound, as many as are not cut.
    return (sum + low * (below - cut) + high * (above - cut)) / kept;
  };
}
