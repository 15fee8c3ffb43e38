import type { Parameters } from '../../contracts/index.js';
import { FedxError } from '../../errors/index.js';
import { names } from '../../programs/index.js';
import type { Outcome } from '../../runtime/index.js';

/** Where a piece of local training belongs, for messages. */
export interface TrainingPlace {
  readonly arm: string;
  readonly round: number;
  readonly client?: number;
}

/** What one went through. */
export interface TrainingEnd {
  /** Euclidean norm of what it gives. */
  readonly norm: number;
  /** Sum of the losses of the examples as they were seen. */
  readonly lossSum: number;
  /** Examples seen, each time counted. */
  readonly examplesSeen: number;
  readonly steps: number;
}

/** One without examples. */
export const withoutExamples: TrainingEnd = { norm: 0, lossSum: 0, examplesSeen: 0, steps: 0 };

/** What the schedules of a job came to, by their places. Throws FEDX_RUN_DIVERGED where a loss or a value is not finite. */
export function endsOf({ stacked, ends }: Outcome, places: readonly TrainingPlace[]): readonly TrainingEnd[] {
  const losses = stacked[names.losses] ?? new Float32Array();
  let seen = 0;
  return ends.map(({ steps, examples, norm }, i) => {
    let lossSum = 0;
    for (const end = seen + examples; seen < end; seen++) lossSum += losses[seen] ?? 0;
    if (Number.isFinite(lossSum) && Number.isFinite(norm)) return { norm, lossSum, examplesSeen: examples, steps };
    throw diverged(places[i]);
  });
}

function diverged(place: TrainingPlace | undefined): FedxError {
  const who = place?.client === undefined ? '' : ` at client ${place.client}`;
  return new FedxError(
    'FEDX_RUN_DIVERGED',
    `Training diverged in round ${place?.round}${who} (arm ${place?.arm}): the loss or the parameters are not finite.`,
    { place: place ?? {} },
  );
}

/** What a job carried out, by plain names. */
export function carriedOut(
  { carried }: Outcome,
  keys: readonly string[],
  naming: (name: string) => string,
): Parameters {
  return Object.fromEntries(keys.map((name) => [name, carried[naming(name)]])) as Parameters;
}
