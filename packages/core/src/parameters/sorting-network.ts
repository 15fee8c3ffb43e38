/** The smaller value goes to the first place, the larger to the second. */
type Exchange = readonly [number, number];

/**
 * Two exchanges of two values each, and then two more of what came of them, all of which is done with the four values at
 * hand. `from` are the places of the first pair and the second. `same`: their smaller values meet, and their larger ones; `crossed`:
 * the smaller of the first pair meets the larger of the second, and its larger the smaller. `to` are the places of the
 * smaller and larger of the first meeting, and of the second.
 */
export interface Quad {
  readonly kind: 'same' | 'crossed';
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** An exchange by itself, of the values at `from`. */
export interface Single {
  readonly kind: 'single';
  readonly from: Exchange;
  readonly to: Exchange;
}

/**
 * Bitonic sorting (Batcher 1968, Sorting networks and their applications) with every larger value going to the later
 * place: sorted runs of 1, 2, 4 … are merged by exchanging mirrored places, then places at distances that halve. The
 * exchanges of a layer have no place in common. Where the number of values is no power of two, what is missing at the end
 * would be larger than all values and stay there.
 */
function sortingLayers(count: number): readonly (readonly Exchange[])[] {
  const layers: Exchange[][] = [];
  for (let half = 1; half < count; half *= 2) {
    const mirrored: Exchange[] = [];
    for (let run = 0; run < count; run += 2 * half)
      for (let i = 0; i < half; i++) mirrored.push([run + i, run + 2 * half - 1 - i]);
    layers.push(mirrored);
    for (let distance = half / 2; distance >= 1; distance /= 2) {
      const places = Array.from({ length: count }, (_, i) => i).filter((i) => (i & distance) === 0);
      layers.push(places.map((i): Exchange => [i, i + distance]));
    }
  }
  return layers.map((layer) => layer.filter(([, last]) => last < count));
}

/**
 * What of a sorting network brings the values of ranks `from` to before `to` to those places, in whatever order among
 * themselves: backwards from the end, an exchange goes out where nothing depends on which value went where. Bitonic sorting has
 * more exchanges than other networks, but those of two layers after each other are quads almost everywhere: half as much
 * reading and writing.
 */
export function partitioningNetwork(count: number, from: number, to: number): readonly (Quad | Single)[] {
  const layers = sortingLayers(count);
  const needed = neededOf(layers, count, from, to);
  const network: (Quad | Single)[] = [];
  for (let k = 0; k < layers.length; k += 2) {
    const [first = [], second = []] = layers.slice(k, k + 2);
    const quads = quadsOf(first, second).filter(
      ({ exchanges }) => exchanges.filter((one) => needed.has(one)).length > 1,
    );
    const covered = new Set(quads.flatMap(({ exchanges }) => exchanges));
    const others = [...first, ...second].filter((one) => needed.has(one) && !covered.has(one));
    network.push(...quads.map(({ quad }) => quad));
    network.push(...others.map((one): Single => ({ kind: 'single', from: one, to: one })));
  }
  return network;
}

function neededOf(
  layers: readonly (readonly Exchange[])[],
  count: number,
  from: number,
  to: number,
): ReadonlySet<Exchange> {
  const uses = Array.from({ length: count }, (_, place): 'none' | 'sum' | 'rank' =>
    place >= from && place < to ? 'sum' : 'none',
  );
  const needed = layers
    .flat()
    .reverse()
    .filter(([a, b]) => {
      if (uses[a] === uses[b] && uses[a] !== 'rank') return false;
      uses[a] = uses[b] = 'rank';
      return true;
    });
  return new Set(needed);
}

/** The quads of two layers, with their exchanges. */
function quadsOf(
  first: readonly Exchange[],
  second: readonly Exchange[],
): { readonly quad: Quad; readonly exchanges: readonly Exchange[] }[] {
  const [inFirst, inSecond] = [byPlace(first), byPlace(second)];
  return first.flatMap((one) => {
    const [a, b] = one;
    const [meetingOfA, meetingOfB] = [inSecond.get(a), inSecond.get(b)];
    const other = inFirst.get(meetingOfA?.find((place) => place !== a) ?? -1);
    if (meetingOfA === undefined || meetingOfB === undefined || other === undefined || other[0] < a) return [];
    if (other === one || !meetingOfB.some((place) => other.includes(place))) return [];
    const quad: Quad = {
      kind: meetingOfA.includes(other[0]) ? 'same' : 'crossed',
      from: [...one, ...other],
      to: [...meetingOfA, ...meetingOfB],
    };
    return [{ quad, exchanges: [one, other, meetingOfA, meetingOfB] }];
  });
}

function byPlace(layer: readonly Exchange[]): ReadonlyMap<number, Exchange> {
  return new Map(layer.flatMap((one) => one.map((place) => [place, one])));
}
