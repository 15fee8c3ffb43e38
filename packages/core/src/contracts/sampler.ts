import type { Random } from '../random/index.js';
import type { OptionsOf, OptionsSchema } from './options.js';

/** What a sampler may look at when it draws the cohort of round `round` (from 1). */
export interface SampleRequest {
  readonly round: number;
  /** Training examples of each client; its length is the number of clients. */
  readonly examples: readonly number[];
  /** This round's own stream: the draw of a round never depends on the rounds before. */
  readonly random: Random;
  /** The folder of the spec: relative paths in options start here. */
  readonly directory: string;
}

/** What a sampler may look at besides, when it draws the cohort. */
export interface CohortRequest extends SampleRequest {
  /**
   * Of a sampler that names candidates: the mean loss of the global parameters over each candidate's training examples.
   * Absent where a run is planned, before there are parameters: a cohort of as many clients is then asked for.
   */
  readonly losses?: ReadonlyMap<number, number>;
}

/** A client sampler plugin: who takes part in a round. */
export interface SamplerPlugin<Schema extends OptionsSchema = OptionsSchema> {
  readonly kind: 'sampler';
  readonly name: string;
  readonly options: Schema;
  /**
   * The probability with which each client takes part in each round, where clients take part independently of each other
   * (Poisson sampling, or all of them): what accountants of privacy count on. Absent for every other way of sampling, of which
   * they take it that one client more may displace another.
   */
  inclusion?(options: OptionsOf<Schema>): number;
  /**
   * Clients that get the global parameters and say what loss they have with them before the cohort is drawn: ascending, each
   * at most once, at least one. Absent where losses do not matter.
   */
  candidates?(options: OptionsOf<Schema>, request: SampleRequest): readonly number[];
  /** Client numbers of the cohort, ascending, each at most once, at least one. */
  sample(options: OptionsOf<Schema>, request: CohortRequest): readonly number[];
}
