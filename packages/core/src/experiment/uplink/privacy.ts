/** What a run may say of its privacy, and the refusals where it could say nothing true. docs/privacy.md explains them. */
import type { PrivacyRole } from '../../contracts/index.js';
import { FedxError } from '../../errors/index.js';
import { createAccountant } from '../../privacy/index.js';
import type { EnvironmentSpec } from '../../spec/index.js';

/** A transform as far as privacy goes. */
export interface PrivacyStep {
  /** Name of the plugin. */
  readonly name: string;
  readonly privacy?: PrivacyRole | undefined;
}

export interface PrivacyQuestion {
  /** In the order of the spec. */
  readonly steps: readonly PrivacyStep[];
  readonly weights: 'examples' | 'uniform';
  /** Of the sampler: 1 where all take part; absent where it does not sample each client independently. */
  readonly inclusion: number | undefined;
  /** Whether clients say their losses before a cohort is drawn. */
  readonly asksLosses: boolean;
  readonly clients: number;
  readonly rounds: number;
  readonly environment: EnvironmentSpec;
}

/** How a run is private. */
export interface Privacy {
  readonly scope: 'central' | 'local';
  /** Of the noise on the sum, in bounds; 0 where the clients add it themselves. */
  readonly centralNoise: number;
  /** What the sum of updates is divided by: the number that is expected to arrive where clients are sampled by chance, else how many came. */
  readonly denominator: (updates: number) => number;
  /** That epsilon is for. */
  readonly delta: number;
  /** The (epsilon, delta) after a round: `participations` is how often the busiest client has sent something. */
  epsilon(round: number, participations: number): number;
}

/**
 * The privacy of a run; undefined where no transform adds noise. Throws FEDX_PRIVACY_UNMET where the noise has no bound to go
 * by, where the server would see more than the noisy sum, or where the sampler is not what the accountant counts on.
 */
export function planPrivacy(question: PrivacyQuestion): Privacy | undefined {
  const { steps, clients, inclusion, environment } = question;
  const at = steps.findIndex(({ privacy }) => privacy?.role === 'noise');
  const noise = steps[at]?.privacy;
  if (noise?.role !== 'noise') return undefined;
  const { scope, delta } = noise;
  const again = steps.findIndex(({ privacy }, i) => i > at && privacy?.role === 'noise');
  if (again >= 0) throw unmet(`transforms.${again} adds noise a second time`, 'Keep one transform that adds noise.');
  if (question.asksLosses)
    throw unmet(
      'the sampler asks clients for their losses, which get no noise',
      'Use a sampler that asks nothing, such as poisson.',
    );
  const clip = steps[at - 1]?.privacy;
  if (clip?.role !== 'clip')
    throw unmet(
      `the noise of transforms.${at} has no bound to go by, as no clip stands right before it`,
      'Put a transform that clips, such as norm-clip, right before it.',
    );
  if (scope === 'local' && clip.countNoise !== undefined)
    throw unmet(
      `the server is told of each client whether it lay within the bound of transforms.${at - 1}, which gets no noise at the client`,
      'Clip by a fixed norm, such as norm-clip.',
    );
  if (question.weights !== 'uniform')
    throw unmet(
      scope === 'local'
        ? 'updates weigh by their examples, whose number each client would tell without noise'
        : 'updates weigh by their examples, so that no client has a known share in the mean',
      'Set server.weights: uniform.',
    );
  const multiplier = withCount(noise.multiplier, clip.countNoise);
  if (scope === 'local') {
    // Any two updates may be two bounds apart.
    const accountant = createAccountant({ rate: 1, noise: multiplier / 2, delta });
    return {
      scope,
      centralNoise: 0,
      denominator: (updates) => updates,
      delta,
      epsilon: (_, participations) => accountant.epsilon(participations),
    };
  }
  refuseCentral(question, at);
  const rate = inclusion ?? 1;
  // Where clients are not sampled independently, one more may take the place of another, whose update is missing then.
  const sensitivity = inclusion === undefined ? 2 : 1;
  const accountant = createAccountant({ rate, noise: multiplier / sensitivity, delta });
  const arrival = rate * (1 - (environment.dropouts?.probability ?? 0));
  if (inclusion !== undefined)
    refuseEmpty(question, { arrival, delta, epsilon: accountant.epsilon(question.rounds), at });
  const expected = arrival * clients;
  return {
    scope,
    centralNoise: noise.multiplier,
    denominator: inclusion === undefined ? (updates) => updates : () => expected,
    delta,
    epsilon: (round) => accountant.epsilon(round),
  };
}

/**
 * The noise of one mechanism that gives away as much as noise on the sum and noise on the count of clipped updates do
 * together (Andrew, Thakkar, McMahan and Ramaswamy 2021, theorem 1): the count's sensitivity is 1/2.
 */
function withCount(multiplier: number, countNoise: number | undefined): number {
  if (countNoise === undefined) return multiplier;
  if (countNoise === 0)
    throw unmet(
      'the bound follows a count of clients that gets no noise',
      'Give adaptive-clip a countNoise above 0, or clip by a fixed norm.',
    );
  return (multiplier ** -2 + (2 * countNoise) ** -2) ** -0.5;
}

function refuseCentral({ steps, environment }: PrivacyQuestion, at: number): void {
  if (at !== steps.length - 1)
    throw unmet(
      `transforms.${at} adds noise to the sum of the updates, so that no transform can follow it`,
      'Put it last.',
    );
  if (environment.stragglers !== undefined)
    throw unmet(
      'who straggles depends on who else takes part, so that one client more changes what others send',
      'Leave out environment.stragglers.',
    );
}

/** A run's privacy, if it were not for empty cohorts. */
interface Counted {
  /** Probability with which a client's update arrives in a round. */
  readonly arrival: number;
  readonly delta: number;
  /** After all rounds. */
  readonly epsilon: number;
  /** Place of the noise among the transforms. */
  readonly at: number;
}

/**
 * A sampler that draws an empty cohort again is not quite what the accountant counts on, and a round in which no update arrives
 * gets no noise. That does no harm as long as `rounds (1 - arrival)^clients e^epsilon` is at most a hundredth of delta.
 */
function refuseEmpty({ clients, rounds }: PrivacyQuestion, { arrival, delta, epsilon, at }: Counted): void {
  const most = Math.log(delta / 100) - Math.log(rounds) - clients * Math.log1p(-arrival);
  if (epsilon <= most) return;
  const sampled = `with ${clients} clients of probability ${Number(arrival.toPrecision(6))}`;
  if (most <= 0)
    throw unmet(
      `${sampled} a cohort may well be empty, which a noisy sum must not tell`,
      'Let more clients take part, or sample with a higher probability.',
    );
  const figure = (value: number): string => (value < 1000 ? value.toPrecision(3) : Math.round(value).toString());
  throw unmet(
    `with the noise of transforms.${at} epsilon is ${figure(epsilon)} after round ${rounds}, but ${sampled}, who may all stay away at once, no epsilon above ${figure(most)} can be promised`,
    `The noise of transforms.${at} is too small: raise it, or let more clients take part.`,
  );
}

/** A refusal; what happens follows "It would not be as private as it says: ". */
export function unmet(what: string, hint: string): FedxError {
  return new FedxError('FEDX_PRIVACY_UNMET', `The run would not be as private as it says: ${what}.`, { hint });
}
