import type { Parameters } from '../../contracts/index.js';
import { pick } from '../../parameters/index.js';
import { unlessFailed } from './client-failure.js';
import type { Clients } from './clients.js';
import type { FederatedArm } from './federated-client.js';
import { checkMinimum } from './train-cohort.js';

/**
 * What loss the candidates of a round have with the global parameters, each over its own training examples, by client: what a
 * sampler such as power-of-choice goes by. Costs each candidate a pass over its data. One that fails is not in it, where
 * `client.onFailure` leaves it out; throws FEDX_COHORT_TOO_SMALL where fewer than `server.minimumCohort` are left.
 */
export async function candidateLosses(
  arm: FederatedArm,
  clients: Clients,
  {
    global,
    round,
    candidates,
  }: { readonly global: Parameters; readonly round: number; readonly candidates: readonly number[] },
): Promise<ReadonlyMap<number, number>> {
  const { name, batches, client: spec, data, initial, localTraining } = arm;
  const losses = candidates.map((client) =>
    unlessFailed(arm, { round, client }, async () => {
      const { loss } = await localTraining.overData({
        start: pick({ ...clients.own(client), ...global }, Object.keys(initial)),
        rows: data.clients[client]?.train ?? new Uint32Array(),
        random: batches.at(round, client).at('candidate'),
        place: { arm: name, round, client },
        timeout: spec.timeout,
      });
      return [client, loss] as const;
    }),
  );
  const known = (await Promise.all(losses)).filter((loss) => loss !== undefined);
  checkMinimum(arm, round, known.length, candidates.length);
  return new Map(known);
}
