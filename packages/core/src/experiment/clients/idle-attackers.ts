import type { Attack } from '../../contracts/index.js';
import { FedxError } from '../../errors/index.js';
import { callPlugin, describe } from '../../plugins/index.js';
import type { Experiment } from '../experiment.js';
import type { Arrival } from './robustness.js';

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
