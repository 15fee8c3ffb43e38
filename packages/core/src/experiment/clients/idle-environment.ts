/** What of the environment changes nothing: legitimate, and so no error, but never passed over. */
import type { Attack } from '../../contracts/index.js';
import { FedxError } from '../../errors/index.js';
import { callPlugin, describe } from '../../plugins/index.js';
import type { ClientSpec, EnvironmentSpec } from '../../spec/index.js';
import type { Experiment } from '../experiment.js';
import type { Arrival } from '../planned-rounds.js';
import { localWork } from './local-work.js';

/** An attack that may say when it does nothing. */
interface NamedAttack {
  readonly name: string;
  readonly plugin: Pick<Attack, 'idle'>;
}

/** Says where attackers change nothing: none takes part in any of the rounds, or the attack does nothing in some of them. */
export function warnOfIdleAttackers(
  { environment: { attackers } }: Pick<Experiment, 'environment'>,
  attack: NamedAttack | undefined,
  arrivals: Iterable<Arrival>,
): readonly string[] {
  if (attack === undefined || attackers.size === 0) return [];
  const idle: { readonly round: number; readonly why: string }[] = [];
  let rounds = 0;
  let attacked = 0;
  for (const { round, clients } of arrivals) {
    rounds += 1;
    const found = clients.filter((client) => attackers.has(client)).length;
    if (found === 0) continue;
    attacked += 1;
    const why = whyIdle(attack, { round, clients: clients.length, attackers: found });
    if (why !== undefined) idle.push({ round, why });
  }
  if (attacked === 0)
    return [
      'In no round does the update of an attacker arrive, so that the run is as if there were none. Let more clients take part (server.cohort), or list others in environment.attackers.clients.',
    ];
  const [first] = idle;
  if (first === undefined) return [];
  const many = idle.length === 1 ? '' : `, and so in ${idle.length} of the ${rounds} rounds`;
  return [`The attack ${attack.name} does nothing, or next to nothing, in round ${first.round}${many}. ${first.why}`];
}

function whyIdle(
  { name, plugin }: NamedAttack,
  { round, ...attacked }: { readonly round: number; readonly clients: number; readonly attackers: number },
): string | undefined {
  const why: unknown = callPlugin(name, 'to say whether it does anything', () => plugin.idle?.(attacked), { round });
  if (why === undefined || typeof why === 'string') return why;
  throw new FedxError(
    'FEDX_PLUGIN_FAILED',
    `The attack ${name} returned ${describe(why)} from idle, where a text or undefined is needed.`,
    { place: { plugin: name, round } },
  );
}

/** Says where stragglers do all of their work and send it. */
export function warnOfIdleStragglers({ stragglers }: EnvironmentSpec, client: ClientSpec): readonly string[] {
  const { unit, amount } = localWork(client);
  if (stragglers === undefined || stragglers.share === 0 || stragglers.policy === 'drop') return [];
  if (stragglers.work !== 'uniform-epochs' || amount > 1) return [];
  return [
    `environment.stragglers changes nothing: a straggler does 1 to client.${unit} ${unit}, and client.${unit} is 1. Raise it, make environment.stragglers.work a share of a client's steps, or its policy drop.`,
  ];
}

/** Says where no update arrives in any of the rounds. */
export function warnOfSilence(arrivals: Iterable<Arrival>): readonly string[] {
  for (const { clients } of arrivals) if (clients.length > 0) return [];
  return [
    'In no round does an update arrive, so that the model stays as it was. Let more clients take part (server.cohort), or lower environment.dropouts.probability or environment.stragglers.share.',
  ];
}
