import { createRandom } from '@fedx/core/testing';
import { describe, expect, it } from 'vitest';
import { powerOfChoice } from './power-of-choice.js';

const at = (round: number, examples: readonly number[]) => ({
  round,
  examples,
  random: createRandom(1).at(round),
  directory: '.',
});
const four = [10, 10, 10, 10];

describe('power-of-choice', () => {
  it('takes the candidates with the largest losses; of equal ones, the first', () => {
    const losses = new Map([
      [0, 0.5],
      [1, 2],
      [2, 0.7],
      [3, 0.7],
    ]);
    const options = { clients: 2, candidates: 4 };
    expect(powerOfChoice.sample(options, { ...at(1, four), losses })).toEqual([1, 2]);
  });

  it('asks candidates in proportion to their examples', () => {
    const examples = [10, 30, 60];
    const counts = [0, 0, 0];
    for (let round = 1; round <= 3000; round++) {
      const [client = 0] = powerOfChoice.candidates?.({ clients: 1, candidates: 1 }, at(round, examples)) ?? [];
      counts[client] = (counts[client] ?? 0) + 1 / 3000;
    }
    // Three standard deviations of a share are below 0.03.
    [0.1, 0.3, 0.6].forEach((share, client) => expect(Math.abs((counts[client] ?? 0) - share)).toBeLessThan(0.03));
  });

  it('asks as many different candidates as it says', () => {
    const asked = powerOfChoice.candidates?.({ clients: 1, candidates: 3 }, at(1, four)) ?? [];
    expect(new Set(asked).size).toBe(3);
  });

  it('plans with as many clients as will take part', () => {
    expect(powerOfChoice.sample({ clients: 2, candidates: 3 }, at(1, four))).toHaveLength(2);
  });

  it.each([
    ['more candidates than clients', { clients: 1, candidates: 5 }],
    ['more clients than candidates', { clients: 3, candidates: 2 }],
  ])('refuses %s', (_, options) => {
    expect(() => powerOfChoice.sample(options, at(1, four))).toThrow(
      expect.objectContaining({ code: 'FEDX_COHORT_TOO_LARGE' }),
    );
  });
});
