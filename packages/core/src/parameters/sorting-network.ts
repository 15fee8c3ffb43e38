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

export type Network = readonly (Quad | Single)[];

/** For each place, the one that it is exchanged with, or -1. */
type Layer = Int32Array;

/** What is asked of a place in the end: nothing, that its value is one of a sum, or that it is the one of that rank. */
type Use = 'none' | 'sum' | 'rank';

/** Numbers that say a unit of a network to the kernel. */
const UNIT = 9;
export const UNIT_BYTES = UNIT * Int32Array.BYTES_PER_ELEMENT;
const kinds = { single: 0, same: 1, crossed: 2 } as const;

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

/** Brings all values to the places of their ranks. */
export function sortingNetwork(count: number): Network {
  return networkFor(Array.from({ length: count }, (): Use => 'rank'));
}

/** Brings the values of ranks `from` to before `to` to those places, in whatever order among themselves. */
export function partitioningNetwork(count: number, from: number, to: number): Network {
  return networkFor(Array.from({ length: count }, (_, place): Use => (place >= from && place < to ? 'sum' : 'none')));
}

/** A network as the kernel reads it, of rows that are `stride` bytes apart. */
export function unitsOf(network: Network, stride: number): Int32Array {
  const units = new Int32Array(UNIT * network.length);
  network.forEach(({ kind, from, to }, k) => {
    units.set([kinds[kind], ...from.map((row) => row * stride)], UNIT * k);
    units.set(
      to.map((row) => row * stride),
      UNIT * k + 5,
    );
  });
  return units;
}

/**
 * What of a sorting network serves the uses of places: backwards from the end, an exchange goes out where nothing depends on
 * which value went where. Bitonic sorting has more exchanges than other networks, but those of two layers after each other
 * are quads almost everywhere: half as much reading and writing.
 */
function networkFor(uses: readonly Use[]): Network {
  const layers = sortingLayers(uses.length);
  const needed = neededOf(layers, uses);
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
function neededOf(layers: readonly Layer[], asked: readonly Use[]): readonly Uint8Array[] {
  const uses = [...asked];
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
