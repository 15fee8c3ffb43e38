/**
 * Two exchanges of two values each, and then two more of what came of them, all of which is done with the four values at
 * hand. `from` are the places of the first pair and the second. `same`: their smaller values meet, and their larger ones; `crossed`:
 * the smaller of the first pair meets the larger of the second, and its larger the smaller. `to` are the places of the
 * smaller and larger of the first meeting, and of the second.
 */
export interface Quad {
  readonly kind: 'same' | 'crossed';
  readonly from: Four;
  readonly to: Four;
}

/** An exchange by itself: the smaller of the values at the two places goes to the first one. */
export interface Single {
  readonly kind: 'single';
  readonly from: readonly number[];
  readonly to: readonly number[];
}

type Four = readonly [number, number, number, number];

/** For each place, the one that it is exchanged with, or -1. */
type Layer = Int32Array;

/**
 * Bitonic sorting (Batcher 1968, Sorting networks and their applications) with every larger value going to the later
 * place: sorted runs of 1, 2, 4 … are merged by exchanging mirrored places, then places at distances that halve. Where the
 * number of values is no power of two, what is missing at the end would be larger than all values and stay there.
 */
function sortingLayers(count: number): readonly Layer[] {
  const layers: Layer[] = [];
  const add = (flipped: number): void => {
    const layer = new Int32Array(count);
    for (let place = 0; place < count; place++) layer[place] = (place ^ flipped) < count ? place ^ flipped : -1;
    layers.push(layer);
  };
  for (let run = 2; run < 2 * count; run *= 2) {
    add(run - 1);
    for (let distance = run / 4; distance >= 1; distance /= 2) add(distance);
  }
  return layers;
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
    const inQuads = new Set<number>();
    for (const quad of quadsOf(layers[k], layers[k + 1])) {
      const { from: read, to: written } = quad;
      const wanted =
        (needed[k]?.[read[0]] ?? 0) +
        (needed[k]?.[read[2]] ?? 0) +
        (needed[k + 1]?.[written[0]] ?? 0) +
        (needed[k + 1]?.[written[2]] ?? 0);
      if (wanted < 2) continue;
      network.push(quad);
      for (const place of read) inQuads.add(place);
    }
    for (const each of [k, k + 1])
      needed[each]?.forEach((isNeeded, place) => {
        if (isNeeded === 0 || inQuads.has(place)) return;
        const two = [place, layers[each]?.[place] ?? place];
        network.push({ kind: 'single', from: two, to: two });
      });
  }
  return network;
}

/** Layer by layer, 1 at the first place of each exchange that is needed. */
function neededOf(layers: readonly Layer[], count: number, from: number, to: number): readonly Uint8Array[] {
  const uses = Array.from({ length: count }, (_, place): 'none' | 'sum' | 'rank' =>
    place >= from && place < to ? 'sum' : 'none',
  );
  const needed = layers.map((layer) => new Uint8Array(layer.length));
  for (let k = layers.length - 1; k >= 0; k--)
    layers[k]?.forEach((b, a) => {
      if (b < a || (uses[a] === uses[b] && uses[a] !== 'rank')) return;
      uses[a] = uses[b] = 'rank';
      needed[k]?.fill(1, a, a + 1);
    });
  return needed;
}

/** The exchanges of two layers that are quads. */
function quadsOf(first: Layer = new Int32Array(), second: Layer = new Int32Array()): readonly Quad[] {
  const quads: Quad[] = [];
  first.forEach((b, a) => {
    const [c = -1, d = -1] = [second[a], second[b]];
    // Each quad once, from the first of its places on.
    if (b < a || c < a || d < a || first[c] !== d) return;
    quads.push({
      kind: c < d ? 'same' : 'crossed',
      from: [a, b, Math.min(c, d), Math.max(c, d)],
      to: [a, c, Math.min(b, d), Math.max(b, d)],
    });
  });
  return quads;
}
