import type { SampleRequest } from '@fedx/core';
import { createRandom } from '@fedx/core/testing';
import { expect, it } from 'vitest';
import { fixed } from './fixed.js';
import { poisson } from './poisson.js';
import { powerOfChoice } from './power-of-choice.js';
import { uniform } from './uniform.js';

/** Round 1 of five clients. */
const request: SampleRequest = {
  round: 1,
  examples: [10, 10, 10, 10, 10],
  random: createRandom(1).at(1),
  directory: '.',
};

it.each<[string, (request: SampleRequest) => unknown, string, RegExp, RegExp]>([
  [
    'uniform, of more clients than there are',
    (of) => uniform.sample({ clients: 6 }, of),
    'FEDX_COHORT_TOO_LARGE',
    /6 clients is wanted, but there are 5/,
    /server\.cohort\.clients/,
  ],
  [
    'fixed, of a client that does not exist',
    (of) => fixed.sample({ rounds: [[5]] }, of),
    'FEDX_COHORT_TOO_LARGE',
    /lists client 5, but the last one is 4/,
    /start from 0/,
  ],
  [
    'power-of-choice, of more candidates than clients',
    (of) => powerOfChoice.candidates?.({ clients: 2, candidates: 6 }, of),
    'FEDX_COHORT_TOO_LARGE',
    /6 clients is wanted, but there are 5/,
    /server\.cohort\.candidates/,
  ],
  [
    'power-of-choice, of more clients than candidates',
    (of) => powerOfChoice.sample({ clients: 3, candidates: 2 }, of),
    'FEDX_COHORT_TOO_LARGE',
    /3 clients is wanted, but there are 2 candidates/,
    /server\.cohort\.candidates/,
  ],
  [
    'poisson, where nobody ever takes part',
    (of) => poisson.sample({ probability: 1e-300 }, of),
    'FEDX_COHORT_TOO_SMALL',
    /round 1 none of 5 clients takes part/,
    /server\.cohort\.probability/,
  ],
])('a cohort that cannot be is refused with what to change: %s', (_, draw, code, message, hint) => {
  expect(() => draw(request)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message), hint: expect.stringMatching(hint) }),
  );
});
