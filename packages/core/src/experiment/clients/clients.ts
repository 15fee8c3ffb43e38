import type { ClientRule, ParameterInfo, Parameters, Strategy, Tree } from '../../contracts/index.js';
import { omit, pick, weightedMean } from '../../parameters/index.js';

/** What one client keeps from one of its rounds to the next. */
interface Kept {
  readonly own: Parameters;
  readonly state: Tree;
  readonly personal: Parameters;
}

/** What all clients keep, by client number, as a checkpoint holds it; those that had no round yet are left out. */
export type SavedClients = readonly { readonly client: number; readonly kept: Kept }[];

/** What clients keep from one of their rounds to the next. */
export interface Clients {
  /** Parameters that client k does not share, as it left them. */
  own(client: number): Parameters;
  /** The state of its side of the strategy. */
  state(client: number): Tree;
  /** Its personal model (Ditto). */
  personal(client: number): Parameters;
  keep(client: number, kept: { own: Parameters; state?: Tree | undefined; personal?: Parameters | undefined }): void;
  saved(): SavedClients;
}

/** The parameters that are trained. */
export function trainedOf(parameters: readonly ParameterInfo[], all: Parameters): Parameters {
  return pick(
    all,
    parameters.filter(({ role }) => role === 'weight').map(({ name }) => name),
  );
}

/** Every client starts from the initial parameters, or as it was `saved`; what one keeps exists from its first round on. */
export function createClients(
  initial: Parameters,
  shared: readonly string[],
  trained: Parameters,
  init: ClientRule['init'] | undefined,
  saved: SavedClients = [],
): Clients {
  const first = { own: omit(initial, shared), state: init?.({ global: initial, trained }) ?? {}, personal: initial };
  const kept = new Map(saved.map(({ client, kept: before }) => [client, before]));
  const of = (client: number) => kept.get(client) ?? first;
  return {
    own: (client) => of(client).own,
    state: (client) => of(client).state,
    personal: (client) => of(client).personal,
    keep(client, { own, state, personal }) {
      const before = of(client);
      kept.set(client, { own, state: state ?? before.state, personal: personal ?? before.personal });
    },
    saved: () => [...kept].toSorted(([a], [b]) => a - b).map(([client, each]) => ({ client, kept: each })),
  };
}

/**
 * The model that represents a federation: the shared parameters, and of those that stay with the clients the mean over
 * all clients, each counting alike.
 */
export function deployedModel(initial: Parameters, global: Parameters, clients: Clients, count: number): Parameters {
  if (Object.keys(global).length === Object.keys(initial).length) return global;
  const everyone = Array.from({ length: count }, (_, client) => client);
  const own = weightedMean(
    everyone.map((client) => clients.own(client)),
    everyone.map(() => 1),
  );
  return pick({ ...own, ...global }, Object.keys(initial));
}

/** Each client's own model; undefined where the strategy has none. */
export function personalModels(
  { personal }: Strategy,
  initial: Parameters,
  global: Parameters,
  clients: Clients,
  count: number,
): readonly Parameters[] | undefined {
  const everyone = Array.from({ length: count }, (_, client) => client);
  if (personal !== undefined) return everyone.map((client) => clients.personal(client));
  if (Object.keys(global).length === Object.keys(initial).length) return undefined;
  return everyone.map((client) => pick({ ...clients.own(client), ...global }, Object.keys(initial)));
}
