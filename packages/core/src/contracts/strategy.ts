import type { PluginContext } from './context.js';
import type { HyperOf, OptionsOf, OptionsSchema } from './options.js';
import type { Parameters, Scalar, TensorMap, Tf } from './tensors.js';

/** Plain data that a strategy keeps between rounds: parameters, numbers, and records of them. */
export type StrategyState = unknown;

/** What one client sends after its local training. */
export interface Update {
  /** Client number, from 0. */
  readonly client: number;
  /** Local minus start parameters. */
  readonly delta: Parameters;
  /** Training examples of the client. */
  readonly examples: number;
  /** Local steps that the client took. */
  readonly steps: number;
}

/** The updates of one round. Iteration and `mean` follow client number, so that sums have one order. */
export interface Updates extends Iterable<Update> {
  readonly length: number;
  /**
   * Weighted mean of the deltas. Weights are the strategy's `weights` (default: examples) unless given.
   * Client by client in float32; weights are normalised first in float64.
   */
  mean(weight?: (update: Update) => number): Parameters;
}

/** The server's view when it aggregates round `round` (from 1). */
export interface AggregateCall<State> {
  readonly global: Parameters;
  readonly state: State;
  readonly updates: Updates;
  readonly round: number;
}

/** The client's side of a strategy: pure tfjs, traced and compiled into the local training loop. */
export interface ClientRule<Hyper = Readonly<Record<string, Scalar>>> {
  /** The gradient that the optimizer applies; default: that of the batch loss. */
  gradient(call: GradientCall<Hyper>): TensorMap;
}

export interface GradientCall<Hyper = Readonly<Record<string, Scalar>>> {
  readonly tf: Tf;
  /** Gradient of the batch loss at `parameters`. */
  readonly gradient: TensorMap;
  /** The client's current parameters. */
  readonly parameters: TensorMap;
  /** The global parameters that the client started from. */
  readonly global: TensorMap;
  /** The strategy's numeric options as inputs of the compiled program. */
  readonly hyper: Hyper;
}

/** A strategy: how the server makes new global parameters from what the clients send. */
export interface Strategy<State = unknown, Hyper = Readonly<Record<string, Scalar>>> {
  /** Default weight of an update in `updates.mean()`. */
  readonly weights?: 'examples' | 'uniform';
  init?(call: { readonly global: Parameters }): State;
  aggregate(call: AggregateCall<State>): { readonly global: Parameters; readonly state?: State };
  readonly client?: ClientRule<Hyper>;
}

/** A strategy plugin. */
export interface StrategyPlugin<Schema extends OptionsSchema = OptionsSchema, State = unknown> {
  readonly kind: 'strategy';
  readonly name: string;
  readonly options: Schema;
  create(options: OptionsOf<Schema>, context: PluginContext): Strategy<State, HyperOf<Schema>>;
}
