import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philox4x32, philoxBlocks } from './philox.js';

/** Known answers of the Random123 library (kat_vectors, philox4x32 with 10 rounds). */
const knownAnswers = [
  { counter: [0, 0, 0, 0], key: [0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

describe('philox4x32', () => {
  it.each(knownAnswers)('gives the known answer of Random123 for counter $counter', ({ counter, key, words }) => {
    const out = new Uint32Array(4);
    philox4x32(Uint32Array.from(counter), Uint32Array.from(key), out);
    expect([...out]).toEqual(words);
  });
});

/** The words of `count` blocks, one block after the other. */
function oneByOne([c0 = 0, c1 = 0, ...rest]: readonly number[], key: readonly number[], count: number): number[] {
  const out = new Uint32Array(4);
  return Array.from({ length: count }, (_, block) => {
    const carry = Number(c0 + block > 0xffffffff);
    philox4x32(Uint32Array.of(c0 + block, c1 + carry, ...rest), Uint32Array.from(key), out);
    return [...out];
  }).flat();
}

describe('philoxBlocks', () => {
  it.each(knownAnswers)('gives the known answer of Random123 for counter $counter, in its place', (answer) => {
    const { counter, key, words } = answer;
    const [c0 = 0, ...rest] = counter;
    // No counter in between may be beyond the last one.
    const place = c0 > 0 ? 3 : 0;
    const out = new Uint32Array(16);
    philoxBlocks(Uint32Array.of(c0 - place, ...rest), Uint32Array.from(key), out);
    expect([...out.subarray(4 * place, 4 * place + 4)]).toEqual(words);
  });

  it('gives the blocks from a counter on and moves it behind them, for any number, beyond 2^32 too', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    const low = fc.oneof(word, fc.integer({ min: 0xffffffe0, max: 0xffffffff }));
    const count = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(1024, 4096, 4100));
    fc.assert(
      fc.property(fc.tuple(low, word, word, word), fc.tuple(word, word), count, (start, key, blocks) => {
        const counter = Uint32Array.from(start);
        const out = new Uint32Array(4 * blocks);
        philoxBlocks(counter, Uint32Array.from(key), out);
        expect(Array.from(out)).toEqual(oneByOne(start, key, blocks));
        const [c0, c1, c2, c3] = start;
        const carry = Number(c0 + blocks > 0xffffffff);
        expect(counter).toEqual(Uint32Array.of(c0 + blocks, c1 + carry, c2, c3));
      }),
      { numRuns: 50 },
    );
  });
});
