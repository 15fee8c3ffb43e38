import { oneEpoch } from './clients/local-work.js';
import type { Experiment } from './experiment.js';

/** The clients of a round whose updates arrive. */
export interface Arrival {
  readonly round: number;
  readonly clients: readonly number[];
}

type Planned = Pick<Experiment, 'spec' | 'cohort' | 'environment'>;

/** Of each round, as far as that is planned: what only a run shows, such as losses that a sampler goes by, is not in it. */
export function plannedArrivals(experiment: Planned): Iterable<Arrival> {
  return remembered(arrivals(experiment));
}

/** How many clients each round has, as far as that is planned. */
export function* plannedCohortSizes(
  { rounds }: { readonly rounds: number },
  cohort: Planned['cohort'],
): Generator<number> {
  for (let round = 1; round <= rounds; round++) yield cohort(round).length;
}

function* arrivals({ spec, cohort, environment }: Planned): Generator<Arrival> {
  for (let round = 1; round <= spec.server.rounds; round++) {
    // Whose updates arrive is the same however much work there is.
    const assigned = environment.assign(round, cohort(round), oneEpoch);
    yield { round, clients: assigned.filter(({ arrives }) => arrives).map((one) => one.client) };
  }
}

/** What `source` yields, as far as it is asked for, each once however often it is gone through. */
function remembered<T>(source: Iterator<T>): Iterable<T> {
  const seen: T[] = [];
  return {
    *[Symbol.iterator]() {
      for (let i = 0; ; i++) {
        if (i === seen.length) {
          const next = source.next();
          if (next.done === true) return;
          seen.push(next.value);
        }
        yield seen[i] as T;
      }
    },
  };
}
