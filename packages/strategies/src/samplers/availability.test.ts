import { createRandom } from '@fedx/core/testing';
import { describe, expect, it } from 'vitest';
import { availability } from './availability.js';

const examples = [10, 10, 10, 10, 10, 10];
const at = (round: number) => ({ round, examples, random: createRandom(1).at(round) });

describe('availability', () => {
  it('takes all that a trace lists, and begins the trace anew after its end', () => {
    const trace = [[4, 1], [2]];
    expect([1, 2, 3].map((round) => availability.sample({ trace }, at(round)))).toEqual([[1, 4], [2], [1, 4]]);
  });

  it('takes no more than so many, and whoever is there where they are fewer', () => {
    const trace = [[0, 1, 2, 3], [5]];
    const cohorts = Array.from({ length: 40 }, (_, i) => availability.sample({ trace, clients: 2 }, at(2 * i + 1)));
    expect(cohorts.every((cohort) => cohort.length === 2 && cohort.every((client) => client < 4))).toBe(true);
    expect(new Set(cohorts.flat())).toEqual(new Set([0, 1, 2, 3]));
    expect(availability.sample({ trace, clients: 2 }, at(2))).toEqual([5]);
  });

  it('has each client there for its share of a period, each with a phase of its own', () => {
    const rounds = Array.from({ length: 24 }, (_, i) => availability.sample({ period: 24, on: 12 }, at(i + 1)));
    for (const client of examples.keys()) expect(rounds.filter((one) => one.includes(client))).toHaveLength(12);
    expect(new Set(rounds.map(String)).size).toBeGreaterThan(6);
    expect(availability.sample({ period: 24, on: 12 }, at(25))).toEqual(rounds[0]);
  });

  it.each([
    ['nobody is there by its trace', { trace: [[]] }, 'FEDX_COHORT_TOO_SMALL'],
    ['nobody is there by periods', { period: 1000, on: 1 }, 'FEDX_COHORT_TOO_SMALL'],
    ['its trace lists a client that does not exist', { trace: [[6]] }, 'FEDX_COHORT_TOO_LARGE'],
  ])('says so where %s', (_, options, code) => {
    expect(() => availability.sample(options, at(1))).toThrow(expect.objectContaining({ code }));
  });
});
