import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../random/index.js';
import type { EnvironmentSpec } from '../../spec/index.js';
import { checkStragglers, createEnvironment } from './environment.js';
import type { LocalWork } from './local-work.js';

const attack = { use: 'sign-flip' };
const cohort = (clients: number) => Array.from({ length: clients }, (_, client) => client);
const epochs = (amount: number): LocalWork => ({ unit: 'epochs', amount, share: 1 });
const environment = (spec: EnvironmentSpec, clients = 10, seed = 1) =>
  createEnvironment(spec, clients, createRandom(seed).at('environment'));

describe('the environment', () => {
  it('lets every client do all of its work unless it is told otherwise', () => {
    const { assign, attackers } = environment({});
    expect(attackers.size).toBe(0);
    expect(assign(1, [2, 5], epochs(3))).toEqual([
      { client: 2, ...epochs(3), complete: true, arrives: true },
      { client: 5, ...epochs(3), complete: true, arrives: true },
    ]);
  });

  it('makes a fixed share of each cohort stragglers, others each round', () => {
    const { assign } = environment({ stragglers: { share: 0.9, work: 0.5, policy: 'drop' } });
    const inTime = Array.from({ length: 20 }, (_, round) =>
      assign(round + 1, cohort(10), epochs(2)).flatMap(({ client, arrives }) => (arrives ? [client] : [])),
    );
    expect(inTime.map((clients) => clients.length)).toEqual(inTime.map(() => 1));
    expect(new Set(inTime.flat()).size).toBeGreaterThan(3);
  });

  it('draws a straggler’s epochs uniformly from 1 to E, and says whether they are all', () => {
    const { assign } = environment({ stragglers: { share: 1, work: 'uniform-epochs', policy: 'partial' } }, 1000);
    const assigned = Array.from({ length: 4 }, (_, round) => assign(round + 1, cohort(1000), epochs(20))).flat();
    const counts = Array.from({ length: 20 }, (_, i) => assigned.filter(({ amount }) => amount === i + 1).length);
    const expected = assigned.length / 20;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // The 99.9th percentile of chi-square with 19 degrees of freedom.
    expect(chiSquare).toBeLessThan(43.8);
    expect(assigned.every(({ amount, complete, share }) => complete === (amount === 20) && share === 1)).toBe(true);
  });

  it('draws a straggler’s steps where local work is counted in steps', () => {
    const { assign } = environment({ stragglers: { share: 1, work: 'uniform-epochs', policy: 'partial' } }, 200);
    const assigned = assign(1, cohort(200), { unit: 'steps', amount: 7, share: 1 });
    expect(new Set(assigned.map(({ amount }) => amount))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]));
    expect(assigned.every(({ unit }) => unit === 'steps')).toBe(true);
  });

  it('loses updates with the given probability, each by itself', () => {
    const { assign } = environment({ dropouts: { probability: 0.3 } }, 2000);
    const arrived = assign(1, cohort(2000), epochs(1)).filter(({ arrives }) => arrives).length;
    // Five standard deviations around 1400.
    expect(Math.abs(arrived - 1400)).toBeLessThan(5 * Math.sqrt(2000 * 0.3 * 0.7));
  });

  it('decides of a round alike whatever came before, and of dropouts whoever else takes part', () => {
    const spec: EnvironmentSpec = {
      stragglers: { share: 0.5, work: 'uniform-epochs', policy: 'partial' },
      dropouts: { probability: 0.5 },
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.subarray(cohort(10), { minLength: 1 }), (round, some) => {
        const one = environment(spec);
        one.assign(round + 1, cohort(10), epochs(5));
        expect(one.assign(round, some, epochs(5))).toEqual(environment(spec).assign(round, some, epochs(5)));
        const dropouts = environment({ dropouts: { probability: 0.5 } });
        const whole = dropouts.assign(round, cohort(10), epochs(5));
        expect(dropouts.assign(round, some, epochs(5))).toEqual(whole.filter(({ client }) => some.includes(client)));
      }),
    );
  });

  it('keeps its attackers for all rounds, and those of a smaller share among those of a larger one', () => {
    const few = environment({ attackers: { share: 0.2, attack } }).attackers;
    const many = environment({ attackers: { share: 0.5, attack } }).attackers;
    expect([few.size, many.size]).toEqual([2, 5]);
    expect([...few].every((client) => many.has(client))).toBe(true);
    expect(environment({ attackers: { clients: [7, 3], attack } }).attackers).toEqual(new Set([3, 7]));
  });

  it('refuses a share of attackers that is no client, and takes none for none', () => {
    expect(() => environment({ attackers: { share: 0.04, attack } })).toThrow(
      expect.objectContaining({
        code: 'FEDX_ENVIRONMENT_IMPOSSIBLE',
        message: 'environment.attackers.share is 0.04, which of 10 clients is not one: there would be no attackers.',
        hint: 'Raise it to 0.1, which is one client, or list clients in environment.attackers.clients; 0 is none.',
      }),
    );
    expect(environment({ attackers: { share: 0.05, attack } }).attackers.size).toBe(1);
    expect(environment({ attackers: { share: 0, attack } }).attackers.size).toBe(0);
  });

  it('refuses a share of stragglers that is no client of any round', () => {
    const stragglers = (share: number) => ({ stragglers: { share, work: 0.5, policy: 'partial' } }) as const;
    expect(() => {
      checkStragglers(stragglers(0.04), [3, 10, 8]);
    }).toThrow(
      expect.objectContaining({
        code: 'FEDX_ENVIRONMENT_IMPOSSIBLE',
        message:
          'environment.stragglers.share is 0.04, which of 10 clients of a round is not one: there would be no stragglers.',
        hint: 'Raise it to 0.1, which is one client; 0 is none.',
      }),
    );
    for (const [share, cohorts] of [
      [0.04, [3, 20]],
      [0.1, [10]],
      [0, [3]],
    ] as const) {
      checkStragglers(stragglers(share), cohorts);
      const late = environment(stragglers(share), 20).assign(1, cohort(cohorts.at(-1) ?? 0), epochs(2));
      expect(late.some(({ complete }) => !complete)).toBe(share > 0);
    }
  });

  it('refuses an attacker that is no client', () => {
    expect(() => environment({ attackers: { clients: [10], attack } })).toThrow(
      expect.objectContaining({ code: 'FEDX_ENVIRONMENT_IMPOSSIBLE' }),
    );
  });
});
