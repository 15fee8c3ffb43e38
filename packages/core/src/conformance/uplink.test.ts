import { describe, expect, it } from 'vitest';
import { titlesOfFailures } from '../../testing/titles-of-failures.js';
import type { Attack, Transform } from '../contracts/index.js';
import { scale } from '../parameters/index.js';
import { defineAttack, defineTransform } from '../plugins/index.js';
import { attackConformance } from './attack.js';
import { transformConformance } from './transform.js';

const options = { type: 'object', description: 'For tests.', additionalProperties: false, properties: {} } as const;

function transformFailures(create: () => Transform): Promise<readonly string[]> {
  return titlesOfFailures(transformConformance(defineTransform({ name: 'mine', options, create })));
}

function attackFailures(attack: Attack): Promise<readonly string[]> {
  return titlesOfFailures(attackConformance(defineAttack({ name: 'mine', options, create: () => attack })));
}

describe('the conformance suite of transforms', () => {
  it('passes one that halves', async () => {
    expect(await transformFailures(() => ({ apply: ({ sent }) => ({ sent: scale(sent, 0.5) }) }))).toEqual([]);
  });

  it('finds one that leaves out a tensor', async () => {
    const found = await transformFailures(() => ({ apply: () => ({ sent: {} }) }));
    expect(found).toContain('keeps names and shapes, round after round, also of a client that has not moved');
  });

  it('finds one that writes to what it is given', async () => {
    const found = await transformFailures(() => ({
      apply({ sent }) {
        for (const { data } of Object.values(sent)) data.fill(1);
        return { sent };
      },
    }));
    expect(found).toContain('leaves its arguments alone');
  });

  it('finds one that remembers beside its states', async () => {
    const found = await transformFailures(() => {
      let calls = 0;
      return { apply: ({ sent }) => ({ sent: scale(sent, ++calls) }) };
    });
    expect(found).toEqual(['keeps all that it remembers in its states, as plain data']);
  });

  it('finds one that keeps what cannot be written to a file', async () => {
    const found = await transformFailures(() => ({ apply: ({ sent }) => ({ sent, state: new Map() }) }));
    expect(found).toEqual(['keeps all that it remembers in its states, as plain data']);
  });

  it('finds one that draws from elsewhere', async () => {
    let calls = 0;
    const found = await transformFailures(() => ({ apply: ({ sent }) => ({ sent: scale(sent, ++calls) }) }));
    expect(found).toContain('does the same again with the same streams');
  });

  it('finds one that gives a bound and does not hold it, or half a byte', async () => {
    const found = await transformFailures(() => ({ apply: ({ sent }) => ({ sent, bytes: 0.5, bound: 0.1 }) }));
    expect(found).toEqual(['says how many bytes go over the wire', 'holds the bound that it gives']);
  });
});

describe('the conformance suite of attacks', () => {
  it('passes one that sends nothing but zeros', async () => {
    expect(await attackFailures({ forge: ({ honest }) => honest.map(({ sent }) => scale(sent, 0)) })).toEqual([]);
  });

  it.each<[string, Attack, string]>([
    ['does nothing', {}, 'relabels or forges'],
    ['relabels to the class after the last', { relabel: (label) => label + 1 }, 'relabels to classes that there are'],
    [
      'sends too few updates',
      { forge: ({ honest }) => honest.slice(1).map(({ sent }) => sent) },
      'keeps names and shapes, with one attacker and with nobody else, and leaves honest updates alone',
    ],
  ])('finds one that %s', async (_, attack, title) => {
    expect(await attackFailures(attack)).toContain(title);
  });

  it('finds one that draws from elsewhere', async () => {
    let calls = 0;
    const attack: Attack = { forge: ({ honest }) => honest.map(({ sent }) => scale(sent, ++calls)) };
    expect(await attackFailures(attack)).toEqual(['does the same again with the same stream']);
  });
});
