import type { Requirement, Strategy } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import type { ClientSpec } from '../spec/index.js';

/** Why a client does not give what is required; undefined where it does. */
const unmet: Readonly<Record<Requirement, (client: ClientSpec) => string | undefined>> = {
  'plain-sgd': (client) => notSgd(client) ?? (isOn(client, 'momentum') ? 'momentum' : undefined) ?? noisySteps(client),
  'sgd-momentum': (client) =>
    notSgd(client) ?? (client.optimizer['nesterov'] === true ? 'Nesterov momentum' : undefined) ?? noisySteps(client),
};

const needs: Readonly<Record<Requirement, string>> = {
  'plain-sgd': 'sgd without momentum, weight decay and clip',
  'sgd-momentum': 'sgd without Nesterov momentum, weight decay and clip',
};

/** Throws FEDX_STRATEGY_UNMET where a strategy's algorithm is only right for another local training than the spec's. */
export function checkRequirements(name: string, { requires = [] }: Strategy, client: ClientSpec): void {
  for (const requirement of requires) {
    const found = unmet[requirement](client);
    if (found === undefined) continue;
    throw new FedxError(
      'FEDX_STRATEGY_UNMET',
      `The strategy ${name} needs ${needs[requirement]}, but the clients train with ${found}.`,
      { place: { plugin: name }, hint: `Change client.optimizer or client.clip to ${needs[requirement]}.` },
    );
  }
}

/**
 * Throws FEDX_STRATEGY_UNMET where a round has clients, but fewer than a strategy may aggregate. A round without any leaves
 * everything as it was.
 */
export function checkLeastCohort(name: string, { leastCohort }: Strategy, round: number, clients: number): void {
  if (leastCohort === undefined || clients === 0 || clients >= leastCohort.clients) return;
  throw new FedxError(
    'FEDX_STRATEGY_UNMET',
    `The strategy ${name} needs updates of at least ${leastCohort.clients} clients (${leastCohort.rule}), but round ${round} has ${clients}.`,
    {
      place: { plugin: name, round },
      hint: `Lower strategy.${leastCohort.option}, or let more clients take part: server.cohort, partition.clients.`,
    },
  );
}

/**
 * Throws FEDX_COHORT_TOO_LARGE where a round is planned with fewer clients than `server.minimumCohort`, so that it fails
 * whatever its clients do. A round without any leaves everything as it was.
 */
export function checkMinimumCohort(minimum: number, round: number, clients: number): void {
  if (clients === 0 || clients >= minimum) return;
  throw new FedxError(
    'FEDX_COHORT_TOO_LARGE',
    `server.minimumCohort asks for ${minimum} clients in a round, but the updates of no more than ${clients} arrive in round ${round}.`,
    {
      place: { round },
      hint: `Lower server.minimumCohort to ${clients}, or let more clients take part: server.cohort, partition.clients.`,
    },
  );
}

function notSgd({ optimizer }: ClientSpec): string | undefined {
  return optimizer.use === 'sgd' ? undefined : `the optimizer ${optimizer.use}`;
}

function noisySteps(client: ClientSpec): string | undefined {
  if (isOn(client, 'weightDecay')) return 'weight decay';
  return Object.keys(client.clip).length > 0 ? 'clip' : undefined;
}

function isOn({ optimizer }: ClientSpec, option: string): boolean {
  return optimizer[option] !== undefined && optimizer[option] !== 0;
}
