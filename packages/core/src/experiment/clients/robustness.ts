import type { AttackedRound, Strategy } from '../../contracts/index.js';
import { FedxError } from '../../errors/index.js';
import { callPlugin, describe } from '../../plugins/index.js';
import type { Experiment } from '../experiment.js';

/** The clients of a round whose updates arrive. */
export interface Arrival {
  readonly round: number;
  readonly clients: readonly number[];
}

/**
 * Says in which of some rounds `environment.attackers` places more attackers than a robust strategy bears; nothing where it
 * bears all. To study what happens beyond the bound is legitimate, so that it is no error, but it is never passed over.
 */
export function warnOfAttackers(
  { spec, data, environment }: Pick<Experiment, 'spec' | 'data' | 'environment'>,
  { robustness, weights: ownWeights = 'examples' }: Strategy,
  arrivals: Iterable<Arrival>,
): readonly string[] {
  if (robustness === undefined || environment.attackers.size === 0) return [];
  const { use } = spec.strategy;
  const isByExamples = (spec.server.weights ?? ownWeights) === 'examples';
  const weigh = (clients: readonly number[]): number =>
    clients.reduce((sum, client) => sum + (isByExamples ? (data.clients[client]?.train.length ?? 0) : 1), 0);

  const beyond: (AttackedRound & { readonly round: number })[] = [];
  for (const { round, clients } of arrivals) {
    const attackers = clients.filter((client) => environment.attackers.has(client));
    if (attackers.length === 0) continue;
    const attacked = {
      clients: clients.length,
      attackers: attackers.length,
      weight: weigh(attackers) / weigh(clients),
    };
    const isBorne: unknown = callPlugin(use, 'to say which attackers it bears', () => robustness.bears(attacked), {
      round,
    });
    if (typeof isBorne !== 'boolean')
      throw new FedxError(
        'FEDX_PLUGIN_FAILED',
        `The strategy ${use} returned ${describe(isBorne)} from robustness.bears, where true or false is needed.`,
        { place: { plugin: use, round } },
      );
    if (!isBorne) beyond.push({ round, ...attacked });
  }

  const [first] = beyond;
  if (first === undefined) return [];
  const { rounds } = spec.server;
  const many = beyond.length === 1 ? '' : `, and ${beyond.length} of the ${rounds} rounds have too many`;
  return [
    `The strategy ${use} bears ${robustness.rule}, but ${first.attackers} of the ${first.clients} clients of round ${first.round} ${first.attackers === 1 ? 'is an attacker' : 'are attackers'}, with ${Math.round(100 * first.weight)} % of the weight${many}. What ${use} promises does not hold there.`,
  ];
}
