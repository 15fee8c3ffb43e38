import type { Random } from '../random/index.js';
import type { OptionsOf, OptionsSchema } from './options.js';
import type { Parameters } from './tensors.js';

/** One client's update on its way to the server, in round `round` (from 1). */
export interface TransformCall<State, Server> {
  readonly round: number;
  /** Client number, from 0. */
  readonly client: number;
  /**
   * All numbers that the client sends, as the transform before left them: `delta/<parameter>`, and `report/…` for what the
   * strategy's rule reports, a number as a tensor of shape `[]`. Not to be written to.
   */
  readonly sent: Parameters;
  /** Bytes of `sent` on the wire. */
  readonly bytes: number;
  /** Bound on the Euclidean norm over all of `sent`; absent where no transform before gave one, or a later one broke it. */
  readonly bound?: number;
  /** What this transform kept of this client in its last round; undefined in its first. */
  readonly state: State | undefined;
  /** What the server tells all clients of this round. */
  readonly server: Server;
  /** The stream of this transform, round and client. */
  readonly random: Random;
}

/** What a transform makes of an update. */
export interface Transformed<State> {
  /** Of the names and shapes that came. */
  readonly sent: Parameters;
  /** Bytes of it on the wire; default: four for each number. */
  readonly bytes?: number;
  /** Bound on the Euclidean norm over all of `sent`; the same for all clients of a round. Default: none. */
  readonly bound?: number;
  /** What the client keeps for its next round. */
  readonly state?: State;
  /** A number for the server's {@link Transform.next}. */
  readonly note?: number;
}

/** The server's side of a transform after a round. */
export interface TransformRound<Server> {
  readonly round: number;
  readonly server: Server;
  /** Those that `apply` returned. */
  readonly notes: readonly number[];
  /** The stream of this transform and round. */
  readonly random: Random;
}

/** What a transform is to differential privacy. */
export type PrivacyRole =
  /** Gives a bound. `countNoise`: standard deviation of the noise on the count of clients within it, where the bound follows that count. */
  | { readonly role: 'clip'; readonly countNoise?: number }
  /**
   * Normal noise of `multiplier` times the bound, on each value: `central`, once on the sum of a round's updates (the server
   * adds it, `apply` does not); `local`, on each update (by `apply`). `delta` is that of the reported (epsilon, delta).
   */
  | {
      readonly role: 'noise';
      readonly scope: 'central' | 'local';
      readonly multiplier: number;
      readonly delta: number;
    };

/** A step on the way of what a client sends. */
export interface Transform<State = unknown, Server = unknown> {
  readonly privacy?: PrivacyRole;
  /** What the server tells clients in round 1. */
  init?(): Server;
  apply(call: TransformCall<State, Server>): Transformed<State>;
  /** What the server tells clients in the next round, from the notes of this one in client order; at least one. */
  next?(call: TransformRound<Server>): {
    readonly server: Server;
    /** Numbers for the round's metrics; keys become `transform/<key>`. */
    readonly log?: Readonly<Record<string, number>>;
  };
}

/** A transform plugin: what is done to all that a client sends. */
export interface TransformPlugin<Schema extends OptionsSchema = OptionsSchema, State = unknown, Server = unknown> {
  readonly kind: 'transform';
  readonly name: string;
  readonly options: Schema;
  create(options: OptionsOf<Schema>): Transform<State, Server>;
}
