/** A round of a cohort in which clients may fail: what becomes of the failed ones is the spec's to say. */
import type { Update } from '../contracts/index.js';
import { FedxError, isFedxError } from '../errors/index.js';
import type { Metrics } from '../runs/index.js';
import type { Clients } from './clients.js';
import type { Assignment } from './environment.js';
import { type FederatedArm, type TrainedClient, trainClient } from './federated-client.js';
import { metricKeys } from './metrics.js';

/** `client.onFailure: retry`: a client's attempts in a round. */
const ATTEMPTS = 3;

/** Codes of what a client may fail with; anything else ends the run. */
const ofClients: ReadonlySet<string> = new Set([
  'FEDX_CLIENT_TIMEOUT',
  'FEDX_PLUGIN_FAILED',
  'FEDX_RUN_DIVERGED',
  'FEDX_WORKER_FAILED',
]);

/** A client that failed in a round and is left out of it. */
export interface ClientFailure {
  readonly round: number;
  readonly client: number;
  readonly error: FedxError;
}

export interface TrainedCohort {
  /** Those that did not fail, in the order of the cohort. */
  readonly trained: readonly TrainedClient[];
  readonly metrics: Metrics;
}

/**
 * Trains the clients of a round. One that throws, takes longer than `client.timeout`, or whose update is not finite or
 * longer than `client.maxUpdateNorm` ends the run (`onFailure: fail`), or is left out of the round, as if the cohort had
 * never had it: what it keeps from round to round stays as it was. Throws FEDX_COHORT_TOO_SMALL where fewer than
 * `server.minimumCohort` are left. `arrive` is told of each update that is taken, as it comes.
 */
export async function trainCohort(
  arm: FederatedArm,
  clients: Clients,
  call: Omit<Parameters<typeof trainClient>[2], 'assignment'>,
  cohort: readonly Assignment[],
  arrive: (update: Update) => void,
): Promise<TrainedCohort> {
  const { client: spec, minimumCohort, name, onClientFailure } = arm;
  const attempt = (assignment: Assignment) =>
    trainClient(arm, clients, { ...call, assignment }).then((each) => checked(arm, each));
  const ends = await Promise.all(
    cohort.map(async (assignment) => {
      try {
        const end = await (spec.onFailure === 'retry' ? retried(() => attempt(assignment)) : attempt(assignment));
        arrive(end.update);
        return end;
      } catch (error) {
        if (spec.onFailure === 'fail' || !isFedxError(error) || !ofClients.has(error.code)) throw error;
        onClientFailure({ round: call.round, client: assignment.client, error });
        return undefined;
      }
    }),
  );
  const trained = ends.filter((end) => end !== undefined);
  if (trained.length < minimumCohort) {
    throw new FedxError(
      'FEDX_COHORT_TOO_SMALL',
      `Round ${call.round} (arm ${name}) has ${trained.length} of ${cohort.length} clients left; ${minimumCohort} are needed.`,
      { place: { arm: name, round: call.round } },
    );
  }
  for (const { keep } of trained) keep();
  const failed = { [metricKeys.failedClients]: cohort.length - trained.length };
  return { trained, metrics: spec.onFailure === 'fail' ? {} : failed };
}

/** What may end otherwise another time is tried again; numbers that are not finite would be the same ones. */
async function retried(attempt: () => Promise<TrainedClient>): Promise<TrainedClient> {
  for (let tried = 1; tried < ATTEMPTS; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isFedxError(error) || !ofClients.has(error.code) || error.code === 'FEDX_RUN_DIVERGED') throw error;
    }
  }
  return attempt();
}

/** Throws FEDX_RUN_DIVERGED for an update that no server should take. */
function checked(
  { client: { maxUpdateNorm = Number.MAX_VALUE }, name }: FederatedArm,
  each: TrainedClient,
): TrainedClient {
  const { client } = each.update;
  // NaN is not within any bound.
  if (each.norm <= maxUpdateNorm) return each;
  throw new FedxError(
    'FEDX_RUN_DIVERGED',
    `The update of client ${client} in round ${each.round} (arm ${name}) has the norm ${each.norm}, past client.maxUpdateNorm.`,
    { place: { arm: name, round: each.round, client } },
  );
}
