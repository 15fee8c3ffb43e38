/** The way from clients to the server: attackers forge their updates, then each update goes through the transforms. */
import type { Attack, Parameters, Strategy, Transform, Transformed, Update, Updates } from '../../contracts/index.js';
import { FedxError } from '../../errors/index.js';
import { clone, isFinite } from '../../parameters/index.js';
import { callPlugin } from '../../plugins/index.js';
import type { Random } from '../../random/index.js';
import type { Metrics } from '../../runs/index.js';
import { metricKeys } from '../evaluation/metrics.js';
import type { Privacy } from './privacy.js';
import { noisyUpdates } from './private-updates.js';
import { notNumbers, numbersOf, withNumbers } from './sent.js';
import {
  createUpdates,
  floatBytes,
  type MeanOfArrivals,
  meanOfArrivals,
  onlyMean,
  type Weights,
  weightIn,
} from './updates.js';

/** A plugin with its name for messages. */
interface Named<Plugin> {
  readonly name: string;
  readonly plugin: Plugin;
}

export interface UplinkOptions {
  /** Absent where nobody attacks by what it sends. */
  readonly attack?: Named<Attack> | undefined;
  readonly attackers: ReadonlySet<number>;
  readonly transforms: readonly Named<Transform>[];
  readonly privacy: Privacy | undefined;
  /** What the strategy reads of the updates. */
  readonly reads: NonNullable<Strategy['reads']>;
  /** What an update weighs in the mean by default. */
  readonly weights: Weights;
  /** What forged updates are drawn from. */
  readonly environment: Random;
  /** What transforms draw from. */
  readonly noise: Random;
}

/** What transforms keep: plain data, by transform. */
export interface UplinkState {
  readonly server: readonly unknown[];
  /** Of the clients that have sent something, by client. */
  readonly clients: readonly { readonly client: number; readonly kept: readonly unknown[]; readonly sent: number }[];
}

export interface Received {
  readonly updates: Updates;
  /** Bytes that went up. */
  readonly bytes: number;
  readonly metrics: Metrics;
}

export interface Uplink {
  /** What anybody reads of the updates: of `mean` no single update is looked at, so that their memory may be used again. */
  readonly reads: NonNullable<Strategy['reads']>;
  /** What an update weighs in the mean by default. */
  readonly weights: Weights;
  /**
   * Told of the clients whose updates a round waits for, it gives whom to tell of each as it comes: where nobody looks at single
   * ones, their mean is added up while other clients still train.
   */
  expect(awaited: readonly Pick<Update, 'client' | 'examples'>[]): (update: Update) => void;
  /** What becomes of the honest updates of round `round`, in client order. */
  send(round: number, honest: readonly Update[]): Received;
  /** What it keeps from round to round. */
  state(): UplinkState;
  /** Goes on from what another one kept. */
  restore(state: UplinkState): void;
}

export function createUplink(options: UplinkOptions): Uplink {
  const { attack, attackers, transforms, privacy, weights, environment, noise } = options;
  const server = transforms.map(({ name, plugin }) => callPlugin(name, 'to start', () => plugin.init?.()));
  const clients = new Map<number, readonly unknown[]>();
  const sent = new Map<number, number>();
  const isForged = attack?.plugin.forge !== undefined && attackers.size > 0;
  const reads = transforms.length > 0 || isForged ? 'each' : options.reads;

  /** Of the updates that the round waits for. */
  let arrivals: MeanOfArrivals | undefined;

  /** The updates as the strategy sees them; `added` is their mean where it is known. */
  function seen(updates: readonly Update[], added?: Parameters): Updates {
    const all = createUpdates(updates, weights);
    return options.reads === 'each'
      ? all
      : onlyMean(all.length, weights, () => (added === undefined ? all.mean() : clone(added)));
  }

  /** An update through all transforms, and what each noted of it. */
  function transform(update: Update, round: number) {
    const { client } = update;
    if (privacy !== undefined) checkHidden(update, round);
    const before = clients.get(client) ?? [];
    const numbers = numbersOf(update);
    const start: Carried = { sent: numbers, bytes: floatBytes(numbers), notes: [], kept: [] };
    const end = transforms.reduce<Carried>((carried, { name, plugin }, i) => {
      const { sent: given, bytes, bound } = carried;
      const made = callPlugin(name, `on what client ${client} sends in round ${round}`, () =>
        plugin.apply({
          round,
          client,
          sent: given,
          bytes,
          ...(bound !== undefined && { bound }),
          state: before[i],
          server: server[i],
          random: noise.at(i, round, client),
        }),
      );
      check(name, given, (made as Partial<typeof made> | undefined)?.sent, { round, client });
      return next(carried, made);
    }, start);
    clients.set(client, end.kept);
    return { ...end, update: withNumbers(update, end.sent) };
  }

  /** The server's side of the transforms after a round. */
  function conclude(round: number, notes: readonly (readonly (number | undefined)[])[]): Metrics {
    const logged = transforms.map(({ name, plugin }, i): readonly [string, number][] => {
      const given = notes.map((ofClient) => ofClient[i]).filter((note) => note !== undefined);
      if (plugin.next === undefined || given.length === 0) return [];
      const made = callPlugin(name, `at the end of round ${round}`, () =>
        plugin.next?.({ round, server: server[i], notes: given, random: noise.at(i, round) }),
      );
      server[i] = made?.server;
      return Object.entries(made?.log ?? {});
    });
    return Object.fromEntries(logged.flat().map(([key, value]) => [metricKeys.transform(key), value]));
  }

  return {
    reads,
    weights,
    expect(awaited) {
      arrivals = undefined;
      // A mean of nothing is for whoever asks for it to answer for.
      if (reads === 'each' || awaited.every(({ examples }) => examples === 0)) return () => undefined;
      const order = awaited.toSorted((a, b) => a.client - b.client);
      const places = new Map(order.map(({ client }, place) => [client, place]));
      const expected = meanOfArrivals(order.map((each) => weightIn(weights, each)));
      arrivals = expected;
      return ({ client, delta }) => {
        expected.arrive(places.get(client) ?? 0, delta);
      };
    },
    send(round, honest) {
      const forged = forge(attack, attackers, honest, round, environment);
      if (transforms.length === 0 || honest.length === 0)
        return { updates: seen(forged, arrivals?.mean()), bytes: bytesOf(forged), metrics: {} };
      const carried = forged.map((update) => transform(update, round));
      const received = carried.map(({ update }) => update);
      for (const { client } of received) sent.set(client, (sent.get(client) ?? 0) + 1);
      const metrics = conclude(
        round,
        carried.map(({ notes }) => notes),
      );
      const bytes = carried.reduce((sum, one) => sum + one.bytes, 0);
      const bound = carried[0]?.bound;
      if (privacy === undefined) return { updates: seen(received), bytes, metrics };
      const epsilon = privacy.epsilon(round, Math.max(...sent.values()));
      const updates =
        privacy.scope === 'local'
          ? seen(received)
          : noisyUpdates(received, {
              deviation: privacy.centralNoise * (bound ?? Number.NaN),
              denominator: privacy.denominator(received.length),
              random: noise.at('sum', round),
            });
      const given = { [metricKeys.epsilon]: epsilon, [metricKeys.delta]: privacy.delta };
      return { updates, bytes, metrics: { ...metrics, ...given } };
    },
    state: () => ({
      server: [...server],
      clients: [...clients].map(([client, kept]) => ({ client, kept, sent: sent.get(client) ?? 0 })),
    }),
    restore(state) {
      server.splice(0, server.length, ...state.server);
      for (const { client, kept, sent: count } of state.clients) {
        clients.set(client, kept);
        sent.set(client, count);
      }
    },
  };
}

/** Throws FEDX_PRIVACY_UNMET for a report that noise cannot be added to. */
function checkHidden({ client, report }: Update, round: number): void {
  const bare = notNumbers(report, 'report');
  if (bare === undefined) return;
  throw new FedxError(
    'FEDX_PRIVACY_UNMET',
    `No epsilon can be given: what the strategy's clients report holds something that is no number (${bare}), which would get no noise.`,
    { place: { round, client }, hint: 'Report numbers and parameters only.' },
  );
}

/** An update on its way. */
interface Carried {
  readonly sent: Parameters;
  readonly bytes: number;
  readonly bound?: number | undefined;
  readonly notes: readonly (number | undefined)[];
  readonly kept: readonly unknown[];
}

function next({ notes, kept }: Carried, made: Transformed<unknown>): Carried {
  const { sent, bytes = floatBytes(sent), bound, note, state } = made;
  return { sent, bytes, bound, notes: [...notes, note], kept: [...kept, state] };
}

/** The updates, those of attackers forged. */
function forge(
  attack: UplinkOptions['attack'],
  attackers: ReadonlySet<number>,
  updates: readonly Update[],
  round: number,
  environment: Random,
): readonly Update[] {
  const honest = updates
    .filter(({ client }) => attackers.has(client))
    .map((update) => ({ client: update.client, sent: numbersOf(update) }));
  if (attack?.plugin.forge === undefined || honest.length === 0) return updates;
  const { name, plugin } = attack;
  const made = callPlugin(name, `in round ${round}`, () =>
    plugin.forge?.({ round, honest, updates: updates.length, random: environment.at('attack', round) }),
  );
  const byClient = new Map(
    honest.map(({ client, sent }, i) => [client, check(name, sent, made?.[i], { round, client })]),
  );
  return updates.map((update) => {
    const forged = byClient.get(update.client);
    return forged === undefined ? update : withNumbers(update, forged);
  });
}

/** Throws FEDX_PLUGIN_FAILED where what a plugin made has not the names and shapes of what it got, or is not finite. */
function check(
  plugin: string,
  before: Parameters,
  made: Parameters | undefined,
  place: { readonly round: number; readonly client: number },
): Parameters {
  const wrong = Object.entries(before).find(
    ([name, { shape, data }]) => made?.[name]?.shape.join() !== shape.join() || made[name].data.length !== data.length,
  );
  if (made !== undefined && wrong === undefined && isFinite(made)) return made;
  const what =
    wrong === undefined ? 'something that is not finite' : `no ${wrong[0]} of shape [${wrong[1].shape.join(', ')}]`;
  throw new FedxError(
    'FEDX_PLUGIN_FAILED',
    `The plugin ${plugin} made ${what} of what client ${place.client} sends in round ${place.round}.`,
    { place: { plugin, ...place } },
  );
}

function bytesOf(updates: readonly Update[]): number {
  return floatBytes(updates.map(({ delta, report }) => ({ delta, report })));
}
