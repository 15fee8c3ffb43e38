import { defineSampler, FedxError, type Random } from '@fedx/core';
import { tracedInFile } from './availability-trace.js';

/**
 * Clients that are there at times only: a trace says who is, round by round or in a file, or each client comes and goes with
 * a period and a phase of its own, as phones that are charged at night do. Of those who are there `clients` take part, each cohort
 * equally likely, or all where there are fewer.
 *
 * Round r finds client k there where (r + phase_k) mod period < on; phases are spread evenly over the period, the same in
 * every run. Throws FEDX_COHORT_TOO_SMALL in a round in which nobody is there, and
 * FEDX_COHORT_TOO_LARGE where the trace lists a client that does not exist; for a file see {@link tracedInFile}.
 */
export const availability = defineSampler({
  name: 'availability',
  options: {
    type: 'object',
    description: 'Some of those clients that are there in a round, by a trace or by periods.',
    additionalProperties: false,
    properties: {
      clients: {
        type: 'integer',
        minimum: 1,
        description: 'Clients that take part, or all that are there where they are fewer. Default: all that are there.',
      },
      trace: {
        type: 'array',
        minItems: 1,
        items: { type: 'array', uniqueItems: true, items: { type: 'integer', minimum: 0 } },
        description: 'Clients that are there in round 1, 2, …; after the last list the first one follows again.',
      },
      path: {
        type: 'string',
        format: 'path',
        minLength: 1,
        description:
          'A trace as a file, which starts at the folder of the spec: the line client,from,to, then a line for each stay of a client, its first and last round included. After the last round the first one follows again.',
      },
      period: { type: 'integer', minimum: 1, description: 'Rounds after which a client’s coming and going repeats.' },
      on: { type: 'integer', minimum: 1, description: 'Rounds of a period in which a client is there.' },
    },
    oneOf: [
      { properties: { trace: { type: 'array' } }, required: ['trace'] },
      { properties: { path: { type: 'string' } }, required: ['path'] },
      { properties: { period: { type: 'integer' }, on: { type: 'integer' } }, required: ['period', 'on'] },
    ],
  },
  sample(options, request) {
    const { clients, trace, path, period, on } = options;
    const { round, examples, random } = request;
    const there =
      path !== undefined
        ? tracedInFile(options, path, request)
        : trace !== undefined
          ? traced(trace, examples.length, round)
          : byPeriod(period ?? 1, on ?? 1, examples.length, round);
    if (there.length === 0)
      throw new FedxError('FEDX_COHORT_TOO_SMALL', `No client is there in round ${round}.`, {
        hint: 'Let the trace list a client for every round, or raise server.cohort.on.',
      });
    return draw(there, clients ?? there.length, random);
  },
});

function traced(trace: readonly (readonly number[])[], clients: number, round: number): number[] {
  const there = trace[(round - 1) % trace.length] ?? [];
  const unknown = there.find((client) => client >= clients);
  if (unknown === undefined) return [...there];
  throw new FedxError(
    'FEDX_COHORT_TOO_LARGE',
    `The trace lists client ${unknown} in round ${round}, but the last one is ${clients - 1}.`,
    { hint: 'Client numbers start from 0.' },
  );
}

/** The phase of client k is the fractional part of k + 1 times the golden ratio, in rounds of the period. */
function byPeriod(period: number, on: number, clients: number, round: number): number[] {
  if (on > period)
    throw new FedxError('FEDX_COHORT_TOO_LARGE', `Clients are to be there in ${on} rounds of a period of ${period}.`, {
      hint: 'Lower server.cohort.on, or raise server.cohort.period.',
    });
  const golden = (Math.sqrt(5) - 1) / 2;
  const phaseOf = (client: number): number => Math.floor((((client + 1) * golden) % 1) * period);
  return Array.from({ length: clients }, (_, client) => client).filter(
    (client) => (round + phaseOf(client)) % period < on,
  );
}

function draw(there: readonly number[], count: number, random: Random): number[] {
  const chosen = count < there.length ? random.shuffle([...there]).slice(0, count) : there;
  return chosen.toSorted((a, b) => a - b);
}
