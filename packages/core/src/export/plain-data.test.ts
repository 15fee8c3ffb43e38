import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfData, loadData, saveData, whyUnsavable } from './plain-data.js';

/** Float32 values of any bits but NaNs, which tests could not tell apart. */
const floats = fc.float32Array({ noNaN: true });

describe('plain data', () => {
  it('comes back as it was, whatever its numbers, keys and nesting', () => {
    const leaf = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null), fc.constant(undefined), floats);
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('tree')),
        fc.dictionary(fc.string(), tie('tree'), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, (data) => {
        expect(whyUnsavable(data)).toBeUndefined();
        expect(loadData(saveData(data))).toStrictEqual(data);
      }),
      { examples: [[{ record: [], array: '0', special: 'NaN', ['__proto__x']: -0 }], [[Number.NaN, -0]]] },
    );
  });

  it('keeps every bit of a float, a NaN with a payload among them', () => {
    const bits = Uint32Array.of(0x7fc00123, 0xffc00001, 0x00000001, 0x80000000);
    const back = loadData(saveData({ w: new Float32Array(bits.buffer) })) as { readonly w: Float32Array };
    expect([...new Uint32Array(back.w.buffer)]).toEqual([...bits]);
  });

  it('holds an array that is meant twice only once', () => {
    const data = new Float32Array(1000);
    const once = saveData([{ shape: [1000], data }]).tensors.length;
    const saved = saveData([{ shape: [1000], data }, { data }]);
    expect(saved.tensors.length).toBe(once);
    const [a, b] = loadData(saved) as readonly { readonly data: Float32Array }[];
    expect(a?.data).toBe(b?.data);
    expect(bytesOfData([{ shape: [1000], data }, { data }, { more: new Float32Array(5), n: 1 }])).toBe(4020);
  });

  it('says where something stands that it has no form for', () => {
    const itself: Record<string, unknown> = {};
    itself['again'] = itself;
    expect(whyUnsavable({ a: [1, { b: new Map() }] })).toBe('state.a.1.b is a Map');
    expect(whyUnsavable({ f: () => 1 })).toBe('state.f is a function');
    expect(whyUnsavable({ n: 1n })).toBe('state.n is a bigint');
    expect(whyUnsavable(new Float64Array(1))).toBe('state is a Float64Array');
    expect(whyUnsavable(itself)).toMatch(/again nests too deep$/);
  });
});
