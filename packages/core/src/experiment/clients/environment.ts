/** What befalls clients: stragglers, dropouts and attackers, drawn from a stream of their own, whatever the strategy. */
import { FedxError } from '../../errors/index.js';
import type { Random } from '../../random/index.js';
import type { EnvironmentSpec } from '../../spec/index.js';
import type { LocalWork } from './local-work.js';

/** What a client of a cohort comes to do in a round. */
export interface Assignment extends LocalWork {
  readonly client: number;
  /** Whether that is all of its work. */
  readonly complete: boolean;
  /** Whether its update arrives. A client whose update is lost takes no part: it keeps nothing of the round either. */
  readonly arrives: boolean;
}

export interface Environment {
  /** Malicious clients, ascending; the same in all rounds. */
  readonly attackers: ReadonlySet<number>;
  /** One for each client of the cohort of round `round`, in its order; `work` is all that the spec asks for. */
  assign(round: number, cohort: readonly number[], work: LocalWork): readonly Assignment[];
}

/**
 * The environment of `clients` clients. Draws are keyed by round and client, never by what was drawn before.
 *
 * Stragglers as in FedProx (Li, Sahu, Zaheer, Sanjabi, Talwalkar and Smith 2020, section 5.2): a fixed share of each cohort,
 * chosen anew each round, each of which does a number of epochs drawn uniformly from 1 to E,
 * or of steps where the spec counts local work in steps.
 *
 * Throws FEDX_ENVIRONMENT_IMPOSSIBLE where an attacker is no client, and where a share above 0 makes no client an attacker.
 */
export function createEnvironment(spec: EnvironmentSpec, clients: number, random: Random): Environment {
  const { stragglers, dropouts, attackers } = spec;

  function slow(round: number, cohort: readonly number[]): ReadonlySet<number> {
    if (stragglers === undefined) return new Set();
    const shuffled = random.at('stragglers', round).shuffle([...cohort]);
    return new Set(shuffled.slice(inTime(stragglers.share, cohort.length)));
  }

  function partOf(work: LocalWork, round: number, client: number): LocalWork {
    const part = stragglers?.work ?? 1;
    if (part !== 'uniform-epochs') return { ...work, share: part };
    const drawn = Math.floor(random.at('work', round, client).uniform() * work.amount);
    return { ...work, amount: 1 + drawn };
  }

  return {
    attackers: new Set(attackersOf(attackers, clients, random.at('attackers'))),
    assign(round, cohort, work) {
      const late = slow(round, cohort);
      return cohort.map((client) => {
        const isLate = late.has(client);
        const done = isLate ? partOf(work, round, client) : work;
        const isLost = dropouts !== undefined && random.at('dropouts', round, client).uniform() < dropouts.probability;
        return {
          client,
          ...done,
          complete: done.amount === work.amount && done.share === work.share,
          arrives: !isLost && !(isLate && stragglers?.policy === 'drop'),
        };
      });
    },
  };
}

/** How many of a cohort are no stragglers. */
function inTime(share: number, cohort: number): number {
  return Math.round(cohort * (1 - share));
}

/**
 * Throws FEDX_ENVIRONMENT_IMPOSSIBLE where a share of stragglers above 0 comes to no client in any round; `cohorts` are the
 * numbers of clients of the rounds.
 */
export function checkStragglers({ stragglers }: EnvironmentSpec, cohorts: Iterable<number>): void {
  if (stragglers === undefined || stragglers.share === 0) return;
  let largest = 0;
  for (const cohort of cohorts) {
    if (inTime(stragglers.share, cohort) < cohort) return;
    largest = Math.max(largest, cohort);
  }
  throw noClient('stragglers', stragglers.share, largest, 'clients of a round');
}

/** A share of the clients, or the listed ones. Of two shares the larger one's attackers hold those of the smaller. */
function attackersOf(spec: EnvironmentSpec['attackers'], clients: number, random: Random): readonly number[] {
  if (spec === undefined) return [];
  const listed = spec.clients;
  if (listed === undefined) {
    const { share = 0 } = spec;
    const count = Math.round(share * clients);
    if (share > 0 && count === 0) throw noClient('attackers', share, clients, 'clients');
    const everyone = random.shuffle(Array.from({ length: clients }, (_, client) => client));
    return everyone.slice(0, count).sort((a, b) => a - b);
  }
  const unknown = listed.find((client) => client >= clients);
  if (unknown === undefined) return listed.toSorted((a, b) => a - b);
  throw new FedxError(
    'FEDX_ENVIRONMENT_IMPOSSIBLE',
    `Client ${unknown} is to be an attacker, but the last client is ${clients - 1}.`,
  );
}

/** A refusal of a share of `count` clients that rounds to none of them; `of` says what these are. */
function noClient(key: 'attackers' | 'stragglers', share: number, count: number, of: string): FedxError {
  const path = `environment.${key}`;
  const listed = key === 'attackers' ? `, or list clients in ${path}.clients` : '';
  return new FedxError(
    'FEDX_ENVIRONMENT_IMPOSSIBLE',
    `${path}.share is ${share}, which of ${count} ${of} is not one: there would be no ${key}.`,
    { hint: `Raise it to ${Number((1 / count).toPrecision(2))}, which is one client${listed}; 0 is none.` },
  );
}
