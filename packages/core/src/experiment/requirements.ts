import type { Requirement, Schedule, Strategy } from '../contracts/index.js';
import { FedxError } from '../errors/index.js';
import type { ClientSpec, ExperimentSpec } from '../spec/index.js';
import type { Arrival } from './planned-rounds.js';

interface Rule {
  /** What clients must train with. */
  readonly needs: string;
  /** Where a spec says so. */
  readonly keys: string;
  /** What they train with instead; undefined where it is as needed. */
  found(client: ClientSpec, schedule: Schedule): string | undefined;
}

const rules: Readonly<Record<Requirement, Rule>> = {
  'plain-sgd': {
    needs: 'sgd without momentum, weight decay and clip',
    keys: 'client.optimizer or client.clip',
    found: (client) => notSgd(client) ?? (isOn(client, 'momentum') ? 'momentum' : undefined) ?? noisySteps(client),
  },
  'sgd-momentum': {
    needs: 'sgd without Nesterov momentum, weight decay and clip',
    keys: 'client.optimizer or client.clip',
    found: (client) =>
      notSgd(client) ?? (client.optimizer['nesterov'] === true ? 'Nesterov momentum' : undefined) ?? noisySteps(client),
  },
  'rate-by-round': {
    needs: 'a learning rate that changes from round to round only',
    keys: 'client.schedule',
    found: ({ schedule: { use } }, { over }) => (over === 'steps' ? `the schedule ${use} over steps` : undefined),
  },
};

/** Throws FEDX_STRATEGY_UNMET where a strategy's algorithm is only right for another local training than the spec's. */
export function checkRequirements(
  name: string,
  { requires = [] }: Strategy,
  client: ClientSpec,
  schedule: Schedule,
): void {
  for (const requirement of requires) {
    const { needs, keys, ...rule } = rules[requirement];
    const found = rule.found(client, schedule);
    if (found === undefined) continue;
    throw new FedxError(
      'FEDX_STRATEGY_UNMET',
      `The strategy ${name} needs ${needs}, but the clients train with ${found}.`,
      { place: { plugin: name }, hint: `Change ${keys} to ${needs}.` },
    );
  }
}

/** Says where a strategy needs updates to arrive as they were sent, and the spec's transforms change them. */
export function warnOfTransforms(
  { strategy, transforms }: ExperimentSpec,
  { exactUpdates }: Strategy,
): readonly string[] {
  if (exactUpdates !== true || transforms.length === 0) return [];
  const changed = transforms.map(({ use }) => use).join(', ');
  return [
    `The strategy ${strategy.use} needs updates as its clients sent them, and transforms change them (${changed}): what clients keep and what the server adds up drift apart, so that it may settle beside the optimum.`,
  ];
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
      hint: `Lower strategy.${leastCohort.option}, or let more updates arrive: server.cohort, partition.clients, environment.`,
    },
  );
}

/**
 * Throws for the first round that is planned with fewer clients than are needed: FEDX_STRATEGY_UNMET where the strategy may
 * aggregate no fewer, FEDX_COHORT_TOO_LARGE where `server.minimumCohort` asks for more.
 */
export function checkCohorts(
  { strategy: { use }, server: { minimumCohort } }: ExperimentSpec,
  strategy: Strategy,
  planned: Iterable<Arrival>,
): void {
  // One client is no more than each round has that anything is done in.
  if (strategy.leastCohort === undefined && minimumCohort === 1) return;
  for (const { round, clients } of planned) {
    checkLeastCohort(use, strategy, round, clients.length);
    checkMinimumCohort(minimumCohort, round, clients.length);
  }
}

/** A round with fewer clients fails whatever they do. Of the least minimum, 1, one without any leaves everything as it was. */
function checkMinimumCohort(minimum: number, round: number, clients: number): void {
  if (minimum === 1 || clients >= minimum) return;
  throw new FedxError(
    'FEDX_COHORT_TOO_LARGE',
    `server.minimumCohort asks for ${minimum} clients in a round, but the updates of no more than ${clients} arrive in round ${round}.`,
    {
      place: { round },
      hint: `Lower server.minimumCohort to ${Math.max(1, clients)}, or let more updates arrive: server.cohort, partition.clients, environment.`,
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
