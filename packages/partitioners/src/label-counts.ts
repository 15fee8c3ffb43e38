/** How many examples have each label, `[classes]`. */
export function countLabels(labels: ArrayLike<number>, classes: number): number[] {
  const counts = Array<number>(classes).fill(0);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] ?? 0;
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

/** Quotas of zero, `[clients][classes]`. */
export function emptyQuotas(clients: number, classes: number): number[][] {
  return Array.from({ length: clients }, () => Array<number>(classes).fill(0));
}
