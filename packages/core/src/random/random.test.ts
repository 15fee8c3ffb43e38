import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, randomFromKey } from './index.js';
import { philox4x32 } from './philox.js';

const draw = (random: { uint32(): number }, n: number) => Array.from({ length: n }, () => random.uint32());

describe('a random stream', () => {
  it('depends on its path and not on what was drawn before', () => {
    const root = createRandom(7);
    const early = draw(root.at('batches', 1, 2), 5);
    draw(root, 100);
    expect(draw(root.at('batches', 1, 2), 5)).toEqual(early);
    expect(draw(root.at('batches', 2, 1), 5)).not.toEqual(early);
  });

  it('is rebuilt elsewhere from its key', () => {
    const stream = createRandom(7).at('init');
    expect(draw(randomFromKey(stream.key), 9)).toEqual(draw(stream, 9));
  });

  it("gives the words of its key's blocks one after the other, however many it draws ahead", () => {
    const stream = createRandom(7).at('init');
    const [k0 = 0, k1 = 0, c2 = 0, c3 = 0] = new Uint32Array(Uint8Array.from(Buffer.from(stream.key, 'hex')).buffer);
    const block = new Uint32Array(4);
    const words = Array.from({ length: 3000 }, (_, i) => {
      philox4x32(Uint32Array.of(i, 0, c2, c3), Uint32Array.of(k0, k1), block);
      return [...block];
    });
    expect(draw(stream, 12_000)).toEqual(words.flat());
  });

  it('tells paths of numbers from paths of strings', () => {
    expect(createRandom(1).at(1).key).not.toBe(createRandom(1).at('1').key);
  });

  it('shuffles into a permutation, for any seed and length', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 200 }), (seed, length) => {
        const shuffled = createRandom(seed).shuffle(Int32Array.from({ length }, (_, i) => i));
        expect([...shuffled].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
      }),
    );
  });

  it('draws integers evenly (chi-square over 10 cells, 1 in 1000)', () => {
    const random = createRandom(11);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const cell = random.integer(10);
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
    expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9);
  });

  it('draws standard normals with mean 0 and variance 1', () => {
    const random = createRandom(3);
    const values = Array.from({ length: 50_000 }, () => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
  });
});
