import { describe, expect, it } from 'vitest';
import { titlesOfFailures } from '../../testing/titles-of-failures.js';
import type { Schedule } from '../contracts/index.js';
import { defineSchedule } from '../plugins/index.js';
import { scheduleConformance } from './schedule.js';

function failures(create: () => Schedule): Promise<readonly string[]> {
  const plugin = defineSchedule({
    name: 'mine',
    options: { type: 'object', description: 'For tests.', additionalProperties: false, properties: {} },
    create,
  });
  return titlesOfFailures(scheduleConformance(plugin));
}

const inverseRoot: Schedule = { over: 'rounds', factor: ({ round }) => 1 / Math.sqrt(round) };

describe('the conformance suite of schedules', () => {
  it('passes schedules by rounds and by steps', async () => {
    expect(await failures(() => inverseRoot)).toEqual([]);
    expect(await failures(() => ({ over: 'steps', factor: ({ step }) => 1 / (1 + step) }))).toEqual([]);
  });

  it.each<[string, Schedule['factor']]>([
    ['a factor below 0', ({ round, rounds }) => 1 - (2 * round) / rounds],
    ['a division by the rounds that are left', ({ round, rounds }) => 1 / (rounds - round)],
    ['a factor that is always 0', () => 0],
  ])('finds %s', async (_, factor) => {
    expect(await failures(() => ({ over: 'rounds', factor }))).toEqual([
      'gives a finite factor of at least 0 at any time of a run',
    ]);
  });

  it('finds one that counts its calls', async () => {
    const counting = (): Schedule => {
      let calls = 0;
      return { over: 'steps', factor: () => 1 / ++calls };
    };
    expect(await failures(counting)).toEqual(['gives the same factor for the same time, in any order']);
  });

  it('finds one that looks at steps although it goes by rounds', async () => {
    expect(await failures(() => ({ over: 'rounds', factor: ({ step }) => 1 / (1 + step) }))).toEqual([
      'goes by rounds or by steps, as it says',
    ]);
    expect(await failures(() => ({ ...inverseRoot, over: 'epochs' as never }))).toContain(
      'goes by rounds or by steps, as it says',
    );
  });
});
