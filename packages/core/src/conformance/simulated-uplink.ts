import assert from 'node:assert/strict';
import type { Update } from '../contracts/index.js';
import { clone, norm, zerosLike } from '../parameters/index.js';
import { randomParameters } from './random-parameters.js';

const shapes = { kernel: [4, 3], bias: [3], gain: [] };

/** What three clients send in a round; one of them has not moved. */
export function updatesOf(round: number): readonly Update[] {
  return [0, 1, 2].map((client) => {
    const drawn = randomParameters(shapes, 10 * round + client);
    const delta = client === 1 ? zerosLike(drawn) : drawn;
    return {
      client,
      delta,
      norm: norm(delta),
      report: { control: clone(delta), loss: 1 + client },
      examples: 10,
      steps: 2,
      complete: true,
    };
  });
}

/** Calls `f` and asserts that what it was given is as it was. */
export function leavesAlone<Result>(given: readonly Update[], f: () => Result): Result {
  const before = structuredClone(given);
  const result = f();
  assert.deepEqual(given, before, 'What a client sends was written to; return a copy.');
  return result;
}
