/** The rows `from`, `from + 1` … `to - 1`. */
export function rowRange(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, step) => from + step);
}

/** All the rows in one list, ascending. */
export function joinRows(parts: readonly Uint32Array[]): Uint32Array {
  const joined = new Uint32Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    joined.set(part, end);
    end += part.length;
  }
  return joined.sort();
}

/** Cuts rows into consecutive parts of the given sizes; what is left over is in no part. */
export function cutRows(rows: Uint32Array, sizes: readonly number[]): Uint32Array[] {
  let start = 0;
  return sizes.map((size) => {
    const part = rows.subarray(start, start + size);
    start += size;
    return part;
  });
}
