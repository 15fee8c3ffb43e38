import type { AttackedRound, Robustness, Strategy } from '../../contracts/index.js';
import { FedxError } from '../../errors/index.js';
import { callPlugin, describe } from '../../plugins/index.js';
import type { Experiment } from '../experiment.js';
import type { Arrival } from '../planned-rounds.js';

type Surroundings = Pick<Experiment, 'spec' | 'data' | 'environment'>;

/**
 * Says in which of some rounds `environment.attackers` places more attackers than a robust strategy bears, and, where there
 * are none, that it would bear not a single one in any round; nothing where it bears all. To study what happens beyond the
 * bound is legitimate, so that it is no error, but it is never passed over.
 */
export function warnOfAttackers(
  surroundings: Surroundings,
  { robustness, weights = 'examples' }: Strategy,
  arrivals: Iterable<Arrival>,
): readonly string[] {
  if (robustness === undefined) return [];
  const weigh = weigherOf(surroundings, weights);
  return surroundings.environment.attackers.size === 0
    ? warnOfNoMargin(surroundings, robustness, weigh, arrivals)
    : warnOfTooMany(surroundings, robustness, weigh, arrivals);
}

/** What a client's update weighs. */
type Weigh = (client: number) => number;

function weigherOf({ spec, data }: Surroundings, own: 'examples' | 'uniform'): Weigh {
  const isByExamples = (spec.server.weights ?? own) === 'examples';
  return (client) => (isByExamples ? (data.clients[client]?.train.length ?? 0) : 1);
}

function warnOfTooMany(
  { spec, environment }: Surroundings,
  robustness: Robustness,
  weigh: Weigh,
  arrivals: Iterable<Arrival>,
): readonly string[] {
  const { use } = spec.strategy;
  const beyond: (AttackedRound & { readonly round: number })[] = [];
  for (const { round, clients } of arrivals) {
    const attackers = clients.filter((client) => environment.attackers.has(client));
    if (attackers.length === 0) continue;
    const weight = sum(attackers.map(weigh)) / sum(clients.map(weigh));
    const attacked = { clients: clients.length, attackers: attackers.length, weight };
    if (!isBorne(use, robustness, round, attacked)) beyond.push({ round, ...attacked });
  }
  const [first] = beyond;
  if (first === undefined) return [];
  const { rounds } = spec.server;
  const many = beyond.length === 1 ? '' : `, and ${beyond.length} of the ${rounds} rounds have too many`;
  return [
    `The strategy ${use} bears ${robustness.rule}, but ${first.attackers} of the ${first.clients} clients of round ${first.round} ${first.attackers === 1 ? 'is an attacker' : 'are attackers'}, with ${Math.round(100 * first.weight)} % of the weight${many}. What ${use} promises does not hold there.`,
  ];
}

function warnOfNoMargin(
  { spec }: Surroundings,
  robustness: Robustness,
  weigh: Weigh,
  arrivals: Iterable<Arrival>,
): readonly string[] {
  const { use } = spec.strategy;
  for (const { round, clients } of arrivals) {
    if (clients.length === 0) continue;
    const weights = clients.map(weigh);
    const lightest = { clients: clients.length, attackers: 1, weight: Math.min(...weights) / sum(weights) };
    if (isBorne(use, robustness, round, lightest)) return [];
  }
  return [`The strategy ${use} bears ${robustness.rule}: in this run not a single one in any round.`];
}

function isBorne(use: string, robustness: Robustness, round: number, attacked: AttackedRound): boolean {
  const answer: unknown = callPlugin(use, 'to say which attackers it bears', () => robustness.bears(attacked), {
    round,
  });
  if (typeof answer === 'boolean') return answer;
  throw new FedxError(
    'FEDX_PLUGIN_FAILED',
    `The strategy ${use} returned ${describe(answer)} from robustness.bears, where true or false is needed.`,
    { place: { plugin: use, round } },
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
