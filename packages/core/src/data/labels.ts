/** How many of the examples have each label, `[classes]`. */
export function countLabels(labels: ArrayLike<number>, classes: number): number[] {
  const counts = Array<number>(classes).fill(0);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] ?? 0;
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

/** The labels of some rows. */
export function labelsOf(labels: Uint8Array, rows: Uint32Array): Uint8Array {
  const found = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) found[i] = labels[rows[i] ?? 0] ?? 0;
  return found;
}

/** `rows` by label, each list in the order of `rows`, `[classes]`. */
export function groupByLabel(rows: Uint32Array, labels: Uint8Array, classes: number): Uint32Array[] {
  const groups = countLabels(labelsOf(labels, rows), classes).map((count) => new Uint32Array(count));
  const filled = Array<number>(classes).fill(0);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    const label = labels[row] ?? 0;
    const group = groups[label];
    const end = filled[label] ?? 0;
    if (group !== undefined) group[end] = row;
    filled[label] = end + 1;
  }
  return groups;
}
