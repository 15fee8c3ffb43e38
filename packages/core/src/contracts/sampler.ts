import type { Random } from '../random/index.js';
import type { OptionsOf, OptionsSchema } from './options.js';

/** What a sampler may look at when it draws the cohort of round `round` (from 1). */
export interface SampleRequest {
  readonly round: number;
  /** Training examples of each client; its length is the number of clients. */
  readonly examples: readonly number[];
  /** This round's own stream: the draw of a round never depends on the rounds before. */
  readonly random: Random;
}

/** A client sampler plugin: who takes part in a round. */
export interface SamplerPlugin<Schema extends OptionsSchema = OptionsSchema> {
  readonly kind: 'sampler';
  readonly name: string;
  readonly options: Schema;
  /**
   * The probability with which each client takes part in each round, where clients take part independently of each other
   * (Poisson sampling): what accountants of privacy count on. Absent for every other way of sampling.
   */
  inclusion?(options: OptionsOf<Schema>): number;
  /** Client numbers of the cohort, ascending, each at most once, at least one. */
  sample(options: OptionsOf<Schema>, request: SampleRequest): readonly number[];
}
