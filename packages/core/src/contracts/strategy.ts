import type { PluginContext } from './context.js';
import type { ModelOutput } from './model.js';
import type { HyperOf, OptionsOf, OptionsSchema } from './options.js';
import type { Parameters, Scalar, Tensor, TensorMap, Tf } from './tensors.js';

/** Plain data that a strategy keeps between rounds: parameters, numbers, and records of them. */
export type StrategyState = unknown;

/** What travels between server and clients beside the model, or stays with a client: parameters and numbers by name. */
export type Tree = Readonly<Record<string, Parameters | number>>;

/** A {@link Tree} inside a traced function. */
export type TracedTree<T extends Tree> = {
  readonly [Key in keyof T]: T[Key] extends number ? Scalar : TensorMap;
};

/** A parameter of the model, as a strategy may ask about it. */
export interface ParameterInfo {
  readonly name: string;
  readonly shape: readonly number[];
  /** `statistic`: not trained but measured, such as the moving mean of a batch normalisation. */
  readonly role: 'weight' | 'statistic';
}

/** What one client sends after its local training. */
export interface Update<Report = unknown> {
  /** Client number, from 0. */
  readonly client: number;
  /** Local minus start parameters; of the shared parameters only. */
  readonly delta: Parameters;
  /** Euclidean norm of the delta, over all tensors. */
  readonly norm: number;
  /** What the client's rule reports beside. */
  readonly report: Report;
  /** Training examples of the client. */
  readonly examples: number;
  /** Local steps that the client took. */
  readonly steps: number;
  /** Whether it did all of its local work; false for a straggler that sends what it came to do. */
  readonly complete: boolean;
}

/** The updates of one round. Iteration and `mean` follow client number, so that sums have one order. */
export interface Updates<Report = unknown> extends Iterable<Update<Report>> {
  /** Their number; where noise hides who took part, the expected one, which `mean` divides by. */
  readonly length: number;
  /** What an update weighs by default: as `server.weights` of the spec says, else the strategy's `weights`. */
  weightOf(update: Update<Report>): number;
  /**
   * Weighted mean of what `pick` takes of each update, the delta by default. Weights are those of
   * {@link weightOf} unless given. Client by client in float32; weights are normalised first in float64.
   */
  mean(pick?: (update: Update<Report>) => Parameters, weight?: (update: Update<Report>) => number): Parameters;
}

/** The server at the start of round `round` (from 1). */
export interface RoundCall<State> {
  /** The shared parameters. */
  readonly global: Parameters;
  readonly state: State;
  readonly round: number;
  /** All parameters of the model, in its order, the shared ones and the others. */
  readonly parameters: readonly ParameterInfo[];
  /** Clients of the federation, whether or not they take part. */
  readonly clients: number;
  /** Of the local optimizer at the start of this round, its schedule included. */
  readonly learningRate: number;
}

/** The server's view when it aggregates a round. */
export interface AggregateCall<State, Report = unknown> extends RoundCall<State> {
  readonly updates: Updates<Report>;
}

/** What a strategy makes of a round. */
export interface Aggregated<State> {
  readonly global: Parameters;
  readonly state?: State;
  /** Numbers for the round's metrics; keys become `strategy/<key>`. */
  readonly log?: Readonly<Record<string, number>>;
}

/** What the traced functions of a {@link ClientRule} see. */
export interface ClientCall<Broadcast extends Tree, ClientState extends Tree, Hyper> {
  readonly tf: Tf;
  /** The client's current parameters, those that are trained. */
  readonly parameters: TensorMap;
  /** What the client started the round from: the server's parameters, and its own where they are not shared. */
  readonly global: TensorMap;
  readonly broadcast: TracedTree<Broadcast>;
  /** The client's own state, as its last `end` left it. */
  readonly state: TracedTree<ClientState>;
  /** The strategy's numeric options as inputs of the compiled program. */
  readonly hyper: Hyper;
}

export interface GradientCall<
  Broadcast extends Tree = Tree,
  ClientState extends Tree = Tree,
  Hyper = Readonly<Record<string, Scalar>>,
> extends ClientCall<Broadcast, ClientState, Hyper> {
  /** Gradient of the batch's mean loss at `parameters`. */
  readonly gradient: TensorMap;
}

export interface LossCall<
  Broadcast extends Tree = Tree,
  ClientState extends Tree = Tree,
  Hyper = Readonly<Record<string, Scalar>>,
> extends ClientCall<Broadcast, ClientState, Hyper> {
  /** Cross-entropy of each example, `[batch]`. */
  readonly loss: Tensor;
  /** What the model says to the batch at `parameters`. */
  readonly output: ModelOutput;
  /** The model on the same batch at other parameters, such as `global`; in evaluation mode, no gradient flows into it. */
  apply(parameters: TensorMap): ModelOutput;
}

/** A client after its local training. */
export interface EndCall<Broadcast extends Tree, ClientState extends Tree> {
  /** What the client started from. */
  readonly global: Parameters;
  /** What local training made of them. */
  readonly local: Parameters;
  readonly broadcast: Broadcast;
  readonly state: ClientState;
  readonly steps: number;
  readonly examples: number;
  /** Of the local optimizer, its schedule included: the mean over the steps that the client took. */
  readonly learningRate: number;
  /**
   * One pass over the client's training data at `parameters`: mean loss and its gradient. In training mode, in batches of
   * `client.batchSize`: dropout draws masks, and batch normalisation takes the statistics of each batch.
   */
  overData(parameters: Parameters): Promise<{ readonly loss: number; readonly gradient: Parameters }>;
}

export interface EndResult<ClientState, Report> {
  readonly state?: ClientState;
  readonly report?: Report;
}

/** What a client's first state is made from. */
export interface ClientInit {
  /** All parameters, as they are before round 1. */
  readonly global: Parameters;
  /** Those of them that are trained. */
  readonly trained: Parameters;
}

/** The client's side of a strategy. `loss` and `gradient` are pure tfjs, traced and compiled into the training loop. */
export interface ClientRule<
  Broadcast extends Tree = Tree,
  ClientState extends Tree = Tree,
  Report = unknown,
  Hyper = Readonly<Record<string, Scalar>>,
> {
  /** A client's state before its first round. */
  init?(call: ClientInit): ClientState;
  /** Loss of each example, `[batch]`; default: the cross-entropy. */
  loss?(call: LossCall<Broadcast, ClientState, Hyper>): Tensor;
  /** The gradient that the optimizer applies; default: that of the batch's mean loss. */
  gradient?(call: GradientCall<Broadcast, ClientState, Hyper>): TensorMap;
  /** What the client keeps for its next round, and what it reports beside its update. */
  end?(call: EndCall<Broadcast, ClientState>): EndResult<ClientState, Report> | Promise<EndResult<ClientState, Report>>;
}

/** What a strategy relies on; a spec that does not give it is refused before anything runs. */
export type Requirement =
  /** `client.optimizer` is sgd without momentum and weight decay, without a bound on the gradient. */
  | 'plain-sgd'
  /** `client.optimizer` is sgd without Nesterov momentum and weight decay. */
  | 'sgd-momentum'
  /** `client.schedule` changes the learning rate from round to round only. */
  | 'rate-by-round';

/** The fewest clients whose updates a strategy may aggregate. */
export interface LeastCohort {
  readonly clients: number;
  /** Where that comes from, such as `2 × attackers + 3`. */
  readonly rule: string;
  /** The strategy's option that, lowered, asks for fewer. */
  readonly option: string;
}

/** The updates of a round as far as attackers go. */
export interface AttackedRound {
  /** Clients whose updates arrive. */
  readonly clients: number;
  /** How many of those are attackers. */
  readonly attackers: number;
  /** The attackers' share of what all updates weigh, 0 to 1. */
  readonly weight: number;
}

/** What a robust strategy promises: with so many attackers, whatever they send, its result stays near the honest updates. */
export interface Robustness {
  /** What is borne, to follow "it bears", such as `2 attackers a round, by strategy.attackers`. */
  readonly rule: string;
  bears(round: AttackedRound): boolean;
}

/** A strategy: how the server makes new global parameters from what the clients send. */
export interface Strategy<
  State = unknown,
  Broadcast extends Tree = Tree,
  ClientState extends Tree = Tree,
  Report = unknown,
  Hyper = Readonly<Record<string, Scalar>>,
> {
  readonly requires?: readonly Requirement[];
  /** A spec with a round of fewer clients is refused before anything runs; where clients fail, the run ends. */
  readonly leastCohort?: LeastCohort;
  /**
   * Clients keep what they computed, the server what arrived, and the algorithm needs both to be the same, as that of control
   * variates does. Where a spec has `transforms` the run warns, and goes on.
   */
  readonly exactUpdates?: boolean;
  /** Where a spec places more attackers than that the run warns, and goes on. Absent: none are promised to be borne. */
  readonly robustness?: Robustness;
  /** Default weight of an update in `updates.mean()`. */
  readonly weights?: 'examples' | 'uniform';
  /**
   * What `aggregate` reads of a round's updates. `mean`: `updates.mean()` without arguments and `updates.length`, and no single
   * update, so that none need be kept and many small clients can train together. Default: `each`.
   */
  readonly reads?: 'mean' | 'each';
  /** Whether a parameter goes to the server (default: all do); the others stay with their client. */
  shared?(parameter: ParameterInfo, parameters: readonly ParameterInfo[]): boolean;
  init?(call: {
    readonly global: Parameters;
    readonly parameters: readonly ParameterInfo[];
    readonly clients: number;
  }): State;
  /** What the cohort gets beside the global parameters. */
  broadcast?(call: RoundCall<State>): Broadcast;
  readonly client?: ClientRule<Broadcast, ClientState, Report, Hyper>;
  /** A model of its own for each client, trained beside the shared one by this gradient, and evaluated as `personal/…`. */
  readonly personal?: Pick<ClientRule<Broadcast, Readonly<Record<string, never>>, never, Hyper>, 'gradient'>;
  aggregate(call: AggregateCall<State, Report>): Aggregated<State>;
}

/** A strategy plugin. */
export interface StrategyPlugin<
  Schema extends OptionsSchema = OptionsSchema,
  State = unknown,
  Broadcast extends Tree = Tree,
  ClientState extends Tree = Tree,
  Report = unknown,
> {
  readonly kind: 'strategy';
  readonly name: string;
  readonly options: Schema;
  create(
    options: OptionsOf<Schema>,
    context: PluginContext & StrategyContext,
  ): Strategy<State, Broadcast, ClientState, Report, HyperOf<Schema>>;
}

/** What a strategy may know of the local training. */
export interface StrategyContext {
  /** `client.optimizer`, with its options. */
  readonly optimizer: { readonly use: string; readonly [option: string]: unknown };
}
