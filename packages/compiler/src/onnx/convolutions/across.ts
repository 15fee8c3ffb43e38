/**
 * How what lies side by side in images is summed, for each point of a minimal filter by itself: as products of matrices
 * `[points, rows, inner]` and `[points, inner, columns]`.
 */
import { type Pair, sizeOf, type Value } from '../../ir/index.js';
import { product, type Site } from './gather-patches.js';
import type { Plan } from './plan.js';
import { bandsOfWindows, type ColumnWindows, columnsOfWindows } from './tiles.js';

interface Across {
  /** How many pixels of zeros end a row of an image. */
  readonly zeros: number;
  /** The left factor, of transformed rows of pixels. */
  ofImages(site: Site, rows: Value, plan: Plan): Value;
  /** The right factor, of a transformed filter `[points, width * channels * outputs]`. */
  ofFilter(site: Site, filter: Value, plan: Plan): Value;
  /** The gradient of the transformed filter, of that of the right factor. */
  gradientOfFilter(site: Site, factors: Value, plan: Plan): Value;
  /** Of the right factor at a point. */
  factorShape(plan: Plan): Pair;
}

/** Each place's patch is gathered: the product has a row for each place and a column for each output. */
const patches: Across = {
  zeros: 1,
  ofImages({ builder, table }, rows, { images, filter, minimal: { points }, ...plan }) {
    const [, , width = 1, channels = 1] = images;
    const [, size = 1] = filter;
    const windows = windowsOf({ images, filter, ...plan });
    const tiles = sizeOf(rows.shape) / points / (width + 1) / channels;
    const pixels = builder.make('reshape', [rows], { shape: [points * tiles, width + 1, channels] });
    const columns = table(JSON.stringify(windows), () => columnsOfWindows(windows), [windows.places, size]);
    const gathered = builder.make('gather', [pixels, columns], { axis: 1 });
    return builder.make('reshape', [gathered], { shape: [points, tiles * windows.places, size * channels] });
  },
  ofFilter: ({ builder }, transformed, { filter: [, size = 1, channels = 1, outputs = 1], minimal: { points } }) =>
    builder.make('reshape', [transformed], { shape: [points, size * channels, outputs] }),
  gradientOfFilter: (_, factors) => factors,
  factorShape: ({ filter: [, size = 1, channels = 1, outputs = 1] }) => [size * channels, outputs],
};

/**
 * Rows of pixels are taken as they are: the product has a row for each of them and a column for each place and output, and the
 * filter becomes a matrix of bands between zeros. Nothing is gathered, which for few channels takes longer than the product.
 */
const bands: Across = {
  zeros: 0,
  ofImages({ builder }, rows, { images: [, , width = 1, channels = 1], minimal: { points } }) {
    const inner = width * channels;
    return builder.make('reshape', [rows], { shape: [points, sizeOf(rows.shape) / points / inner, inner] });
  },
  ofFilter(site, transformed, plan) {
    const { builder } = site;
    const { images, filter, places, minimal } = plan;
    const [, , width = 1, channels = 1] = images;
    const [, size = 1, , outputs = 1] = filter;
    const { points } = minimal;
    const columns = builder.make('reshape', [transformed], { shape: [points, size, channels * outputs] });
    const spread = builder.make('matmul', [bandsOf(site, plan), columns], product);
    const byPixel = builder.make('reshape', [spread], { shape: [points, width, places[1], channels, outputs] });
    const ordered = builder.make('transpose', [byPixel], { permutation: [0, 1, 3, 2, 4] });
    return builder.make('reshape', [ordered], { shape: [points, width * channels, places[1] * outputs] });
  },
  gradientOfFilter(site, factors, plan) {
    const { builder } = site;
    const { images, filter, places, minimal } = plan;
    const [, , width = 1, channels = 1] = images;
    const [, , , outputs = 1] = filter;
    const { points } = minimal;
    const byPixel = builder.make('reshape', [factors], { shape: [points, width, channels, places[1], outputs] });
    const ordered = builder.make('transpose', [byPixel], { permutation: [0, 1, 3, 2, 4] });
    const spread = builder.make('reshape', [ordered], { shape: [points, width * places[1], channels * outputs] });
    return builder.make('matmul', [bandsOf(site, plan), spread], { ...product, transposeA: true });
  },
  factorShape: ({ images: [, , width = 1, channels = 1], places: [, columns], filter: [, , , outputs = 1] }) => [
    width * channels,
    columns * outputs,
  ],
};

export const waysAcross = { patches, bands } as const satisfies Readonly<Record<Plan['across'], Across>>;

function windowsOf({ images, filter, places, before, isTurned }: Omit<Plan, 'minimal' | 'across'>): ColumnWindows {
  return { width: images[2] ?? 1, places: places[1], size: filter[1] ?? 1, before: before[1], isTurned };
}

/** Which element across the filter each place sees each column of an image by: `[width * places, size]`. */
function bandsOf({ table }: Site, plan: Plan): Value {
  const windows = windowsOf(plan);
  const { width, places, size } = windows;
  return table(JSON.stringify(['bands', windows]), () => bandsOfWindows(windows), [width * places, size]);
}
