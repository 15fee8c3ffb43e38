import { CompileError } from './compile-error.js';
import { inputNames } from './input-names.js';
import { type Builder, type Shape, sizeOf, type Value } from './ir/index.js';

/**
 * Two tables of multiples of 2^-23 in `[0, 1)`, each twice as long as the longest `window`. A uniform number is the sum of
 * an entry of each, modulo 1: exact in float32, hence the same bits on every engine. Where a window starts is an input.
 */
export interface Noise {
  readonly tables: readonly [Float32Array, Float32Array];
  readonly window: number;
}

/** Draws uniform numbers as IR; every window has two keys of its own. */
export function traceNoise(
  builder: Builder,
  noise: Noise | undefined,
): { uniform(shape: Shape): Value; draws(): number } {
  let draws = 0;

  function windowOf({ tables }: Noise, size: number): Value {
    const parts = tables.map((table, i) =>
      builder.make(
        'window',
        [builder.constant(table, [table.length]), builder.input(inputNames.key(2 * draws + i), [1], 'int32')],
        { size },
      ),
    );
    draws += 1;
    const sum = builder.make('add', parts, {});
    return builder.make('sub', [sum, builder.make('floor', [sum], {})], {});
  }

  return {
    draws: () => draws,
    uniform(shape) {
      if (noise === undefined) {
        throw new CompileError('COMPILE_IMPURE', 'Random numbers are drawn where the program has none: in evaluation.');
      }
      const size = sizeOf(shape);
      const windows = windowSizes(size, noise.window).map((part) => windowOf(noise, part));
      const flat = windows.length === 1 ? windows : [builder.make('concat', windows, { axis: 0 })];
      return builder.make('reshape', flat, { shape });
    },
  };
}

/** How `size` numbers are cut into windows. */
function windowSizes(size: number, window: number): readonly number[] {
  const full = Math.floor(size / window);
  const rest = size - full * window;
  return [...new Array<number>(full).fill(window), ...(rest > 0 ? [rest] : [])];
}
