import { describe, expect, it } from 'vitest';
import { warnOfIdleAttackers } from './idle-environment.js';

const environment = (...attackers: number[]) => ({
  environment: { attackers: new Set(attackers), assign: () => [] },
});
/** An attack that does nothing where it is alone. */
const alone = {
  name: 'pair',
  plugin: { idle: ({ attackers }: { attackers: number }) => (attackers < 2 ? 'It takes two.' : undefined) },
};
const rounds = (...cohorts: number[][]) => cohorts.map((clients, i) => ({ round: i + 1, clients }));

describe('warnings of attackers that do nothing', () => {
  it('name the first round in which the attack does nothing, how many there are, and why', () => {
    expect(warnOfIdleAttackers(environment(0, 1), alone, rounds([0, 1, 2], [1, 2], [2], [0, 2]))).toEqual([
      'The attack pair does nothing, or next to nothing, in round 2, and so in 2 of the 4 rounds. It takes two.',
    ]);
    expect(warnOfIdleAttackers(environment(0), alone, rounds([0]))).toEqual([
      'The attack pair does nothing, or next to nothing, in round 1. It takes two.',
    ]);
  });

  it('say that no attacker takes part in any round', () => {
    expect(warnOfIdleAttackers(environment(3), alone, rounds([0, 1], [1, 2]))).toEqual([
      'In no round does the update of an attacker arrive, so that the run is as if there were none. Let more clients take part (server.cohort), or list others in environment.attackers.clients.',
    ]);
  });

  it('are none where attackers do something, say nothing of it, or are none', () => {
    expect(warnOfIdleAttackers(environment(0, 1), alone, rounds([0, 1], [2]))).toEqual([]);
    expect(warnOfIdleAttackers(environment(0), { name: 'flip', plugin: {} }, rounds([0]))).toEqual([]);
    expect(warnOfIdleAttackers(environment(), alone, rounds([0]))).toEqual([]);
    expect(warnOfIdleAttackers(environment(), undefined, rounds([0]))).toEqual([]);
  });

  it('refuse an answer that is no text', () => {
    const wrong = { name: 'wrong', plugin: { idle: () => true as unknown as string } };
    expect(() => warnOfIdleAttackers(environment(0), wrong, rounds([0]))).toThrow(
      expect.objectContaining({ code: 'FEDX_PLUGIN_FAILED', place: { plugin: 'wrong', round: 1 } }),
    );
  });
});
