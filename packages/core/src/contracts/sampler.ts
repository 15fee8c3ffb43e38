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
  /** Client numbers of the cohort, ascending, each at most once, at least one. */
  sample(options: OptionsOf<Schema>, request: SampleRequest): readonly number[];
}
