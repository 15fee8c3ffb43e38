import { type FedxError, isFedxError } from '../../errors/index.js';
import type { FederatedArm } from './federated-client.js';

/** A client that failed in a round and is left out of it. */
export interface ClientFailure {
  readonly round: number;
  readonly client: number;
  readonly error: FedxError;
}

/** `client.onFailure: retry`: a client's attempts in a round. */
const ATTEMPTS = 3;

/** Codes of what a client may fail with; anything else ends the run. */
const ofClients: ReadonlySet<string> = new Set([
  'FEDX_CLIENT_TIMEOUT',
  'FEDX_PLUGIN_FAILED',
  'FEDX_RUN_DIVERGED',
  'FEDX_WORKER_FAILED',
]);

/** What a client does in a round; undefined, and told of, where it fails and `client.onFailure` leaves it out. */
export async function unlessFailed<Result>(
  { client: { onFailure }, onClientFailure }: FederatedArm,
  { round, client }: Omit<ClientFailure, 'error'>,
  attempt: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await (onFailure === 'retry' ? retried(attempt) : attempt());
  } catch (error) {
    if (onFailure === 'fail' || !isFedxError(error) || !ofClients.has(error.code)) throw error;
    onClientFailure({ round, client, error });
    return undefined;
  }
}

/** What may end otherwise another time is tried again; numbers that are not finite would be the same ones. */
async function retried<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let tried = 1; tried < ATTEMPTS; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isFedxError(error) || !ofClients.has(error.code) || error.code === 'FEDX_RUN_DIVERGED') throw error;
    }
  }
  return attempt();
}
