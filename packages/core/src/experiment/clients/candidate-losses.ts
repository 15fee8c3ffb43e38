import type { Parameters } from '../../contracts/index.js';
import { pick } from '../../parameters/index.js';
import type { Clients } from './clients.js';
import type { FederatedArm } from './federated-client.js';

/**
 * What loss the candidates of a round have with the global parameters, each over its own training examples, by client: what a
 * sampler such as power-of-choice goes by. Costs each candidate a pass over its data.
 */
export async function candidateLosses(
  { name, batches, client: { timeout }, data, initial, localTraining }: FederatedArm,
  clients: Clients,
  {
    global,
    round,
    candidates,
  }: { readonly global: Parameters; readonly round: number; readonly candidates: readonly number[] },
): Promise<ReadonlyMap<number, number>> {
  const losses = candidates.map(async (client) => {
    const { loss } = await localTraining.overData({
      start: pick({ ...clients.own(client), ...global }, Object.keys(initial)),
      rows: data.clients[client]?.train ?? new Uint32Array(),
      random: batches.at(round, client).at('candidate'),
      place: { arm: name, round, client },
      timeout,
    });
    return [client, loss] as const;
  });
  return new Map(await Promise.all(losses));
}
