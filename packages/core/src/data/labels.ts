/** How many of the examples have each label, `[classes]`. */
export function countLabels(labels: Iterable<number>, classes: number): number[] {
  const counts = Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/** The labels of some rows. */
export function labelsOf(labels: Uint8Array, rows: Uint32Array): Uint8Array {
  return Uint8Array.from(rows, (row) => labels[row] ?? 0);
}

/** `rows` by label, each list in the order of `rows`, `[classes]`. */
export function groupByLabel(rows: Uint32Array, labels: Uint8Array, classes: number): Uint32Array[] {
  const groups = countLabels(labelsOf(labels, rows), classes).map((count) => new Uint32Array(count));
  const filled = Array<number>(classes).fill(0);
  for (const row of rows) {
    const label = labels[row] ?? 0;
    const group = groups[label];
    const end = filled[label] ?? 0;
    if (group !== undefined) group[end] = row;
    filled[label] = end + 1;
  }
  return groups;
}
