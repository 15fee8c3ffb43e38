import { describe, expect, it } from 'vitest';
import { createBuilder, makeScan, print } from '../ir/index.js';
import { mapScanBodies } from './scan-bodies.js';
import { simplify } from './simplify.js';

describe('mapScanBodies', () => {
  it('reaches steps within steps', () => {
    const nested = (isSimple: boolean) => {
      const builder = createBuilder();
      const initial = builder.input('initial', [2], 'float32');
      const cuts = [builder.input('cut', [4, 2], 'float32')];
      const result = makeScan(builder, { initial, cuts }, (outer) =>
        makeScan(builder, { initial: outer, cuts }, (state, [cut = state]) => {
          const sum = builder.make('add', [state, cut], {});
          return isSimple ? sum : builder.make('mul', [sum, builder.scalar(1)], {});
        }),
      );
      return { result };
    };
    expect(print(mapScanBodies(nested(false), simplify))).toBe(print(nested(true)));
    expect(print(nested(false))).not.toBe(print(nested(true)));
  });
});
