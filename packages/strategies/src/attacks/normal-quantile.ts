/** Probability that a standard normal lies below `z`: the series of Marsaglia 2004 ("Evaluating the normal distribution"). */
function probabilityBelow(z: number): number {
  let sum = z;
  let term = z;
  for (let i = 3; sum + term !== sum; i += 2) {
    term *= (z * z) / i;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

/** The `z` below which a standard normal lies with a probability of [0.5, 1), by bisection; at most 8. */
export function normalQuantile(probability: number): number {
  let low = 0;
  let high = 8;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (probabilityBelow(middle) < probability) low = middle;
    else high = middle;
  }
}
