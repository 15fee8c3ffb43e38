import { describe, expect, it } from 'vitest';
import { titlesOfFailures } from '../../testing/titles-of-failures.js';
import type { SampleRequest } from '../contracts/index.js';
import { defineSampler } from '../plugins/index.js';
import { samplerConformance } from './sampler.js';

function failures(sample: (request: SampleRequest) => readonly number[]): Promise<readonly string[]> {
  const plugin = defineSampler({
    name: 'mine',
    options: { type: 'object', description: 'For tests.', additionalProperties: false, properties: {} },
    sample: (_options, request) => sample(request),
  });
  return titlesOfFailures(samplerConformance(plugin));
}

const uniform = ({ examples, random }: SampleRequest, clients = 3): number[] => {
  const everyone = random.shuffle(Uint32Array.from(examples.keys()));
  return [...everyone.slice(0, clients).sort()];
};

describe('the conformance suite of samplers', () => {
  it('passes full participation and a uniform draw', async () => {
    expect(await failures(({ examples }) => [...examples.keys()])).toEqual([]);
    expect(await failures((request) => uniform(request))).toEqual([]);
  });

  it.each<[string, (request: SampleRequest) => readonly number[]]>([
    ['descending clients', (request) => uniform(request).toReversed()],
    ['a client twice', (request) => uniform(request).flatMap((client) => [client, client])],
    ['clients from 1 on', (request) => uniform(request).map((client) => client + 1)],
    ['nobody', () => []],
    ['fractions', ({ examples }) => [examples.length / 2 - 0.5]],
  ])('finds %s', async (_, sample) => {
    const found = await failures(sample);
    expect(found.filter((title) => /ascending|chooses among/.test(title))).not.toEqual([]);
  });

  it('finds one that needs as many clients as it was asked for', async () => {
    const picky = ({ examples, random }: SampleRequest) => {
      const cohort = new Set<number>();
      for (let tries = 0; cohort.size < 3 && tries < 1000; tries++) cohort.add(random.integer(examples.length));
      return [...cohort].sort((a, b) => a - b).map((client, i, all) => (all.length < 3 ? client + i + 1 : client));
    };
    expect(await failures(picky)).toEqual(['chooses among one client', 'chooses among two clients']);
  });

  it('finds one whose cohort hangs on the rounds before', async () => {
    let rounds = 0;
    expect(await failures((request) => uniform({ ...request, random: request.random.at(rounds++) }))).toEqual([
      'gives the same cohort for a round, whatever was drawn before',
    ]);
  });

  it('finds one that draws to no effect', async () => {
    const stubborn = (request: SampleRequest) => uniform(request).map((_, client) => client);
    expect(await failures(stubborn)).toEqual(['gives other cohorts for other rounds and seeds, if it draws at all']);
  });
});
