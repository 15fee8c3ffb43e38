/** A round of a cohort in which clients may fail: what becomes of the failed ones is the spec's to say. */
import { FedxError } from '../../errors/index.js';
import type { Metrics } from '../../runs/index.js';
import { metricKeys } from '../evaluation/metrics.js';
import type { Received } from '../uplink/uplink.js';
import { unlessFailed } from './client-failure.js';
import type { Clients } from './clients.js';
import type { Assignment } from './environment.js';
import { type Effort, type FederatedArm, type TrainedClient, trainClient } from './federated-client.js';

/** What a round gives the clients that take part in it. */
export type RoundOfClients = Omit<Parameters<typeof trainClient>[2], 'assignment'>;

/** Clients after a round. */
export interface TrainedCohort {
  /** Of those that did not fail, in the order of the cohort. */
  readonly efforts: readonly Effort[];
  readonly metrics: Metrics;
  /** Sends their updates to the server. */
  send(): Received;
  /** Gives the memory of what they sent to training to come: nothing may look at it any more. */
  release(): void;
}

/**
 * Trains the clients of a round. One that throws, takes longer than `client.timeout`, or whose update is not finite or
 * longer than `client.maxUpdateNorm` ends the run (`onFailure: fail`), or is left out of the round, as if the cohort had
 * never had it: what it keeps from round to round stays as it was. Throws FEDX_COHORT_TOO_SMALL where fewer than
 * `server.minimumCohort` are left.
 */
export async function trainCohort(
  arm: FederatedArm,
  clients: Clients,
  call: RoundOfClients,
  cohort: readonly Assignment[],
): Promise<TrainedCohort> {
  const { client: spec, data, uplink } = arm;
  const arrive = uplink.expect(
    cohort.map(({ client }) => ({ client, examples: data.clients[client]?.train.length ?? 0 })),
  );
  const attempt = async (assignment: Assignment): Promise<TrainedClient> => {
    const trained = await trainClient(arm, clients, { ...call, assignment });
    checkNorm(arm, call.round, assignment.client, trained.update.norm);
    return trained;
  };
  const ends = await Promise.all(
    cohort.map((assignment) =>
      unlessFailed(arm, { round: call.round, client: assignment.client }, async () => {
        const end = await attempt(assignment);
        arrive(end.update);
        return end;
      }),
    ),
  );
  const trained = ends.filter((end) => end !== undefined);
  checkMinimum(arm, call.round, trained.length, cohort.length);
  for (const { keep } of trained) keep();
  const failed = { [metricKeys.failedClients]: cohort.length - trained.length };
  return {
    efforts: trained.map(({ effort }) => effort),
    metrics: spec.onFailure === 'fail' ? {} : failed,
    send: () =>
      uplink.send(
        call.round,
        trained.map(({ update }) => update),
      ),
    release() {
      for (const { release } of trained) release();
    },
  };
}

/** Throws FEDX_COHORT_TOO_SMALL where `left` of a round's `all` clients are fewer than `server.minimumCohort`. */
export function checkMinimum({ minimumCohort, name }: FederatedArm, round: number, left: number, all: number): void {
  if (left >= minimumCohort) return;
  throw new FedxError(
    'FEDX_COHORT_TOO_SMALL',
    `Round ${round} (arm ${name}) has ${left} of ${all} clients left; ${minimumCohort} are needed.`,
    { place: { arm: name, round } },
  );
}

/** Throws FEDX_RUN_DIVERGED for the norm of an update that no server should take. */
export function checkNorm(
  { client: { maxUpdateNorm = Number.MAX_VALUE }, name }: FederatedArm,
  round: number,
  client: number,
  norm: number,
): void {
  // NaN is not within any bound.
  if (norm <= maxUpdateNorm) return;
  throw new FedxError(
    'FEDX_RUN_DIVERGED',
    `The update of client ${client} in round ${round} (arm ${name}) has the norm ${norm}, past client.maxUpdateNorm.`,
    { place: { arm: name, round, client } },
  );
}
