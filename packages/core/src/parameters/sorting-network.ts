/**
 * Batcher's merge exchange for any number of values (Knuth, The Art of Computer Programming 3, algorithm 5.2.2M): pairs of
 * places whose values are exchanged where the first is larger, one pair after the other, until all are in order. About
 * n (log2 n)^2 / 4 pairs, whatever the values: 1,077 for 100.
 */
function sortingNetwork(count: number): [number, number][] {
  const pairs: [number, number][] = [];
  const top = 2 ** Math.ceil(Math.log2(count) - 1);
  for (let p = top; p >= 1; p /= 2) {
    for (let q = top, r = 0, d = p; ; d = q - p, q /= 2, r = p) {
      for (let i = 0; i + d < count; i++) if ((i & p) === r) pairs.push([i, i + d]);
      if (q === p) break;
    }
  }
  return pairs;
}

/**
 * What of a sorting network brings the values of ranks `from` to before `to` to those places, in whatever order among
 * themselves: backwards from the end, an exchange goes out where nothing depends on which value went where.
 */
export function partitioningNetwork(count: number, from: number, to: number): readonly [number, number][] {
  const uses = Array.from({ length: count }, (_, place): 'none' | 'sum' | 'rank' =>
    place >= from && place < to ? 'sum' : 'none',
  );
  return sortingNetwork(count)
    .reverse()
    .filter(([a, b]) => {
      if (uses[a] === uses[b] && uses[a] !== 'rank') return false;
      uses[a] = uses[b] = 'rank';
      return true;
    })
    .reverse();
}
