import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import type { LoopDefinition } from '../src/index.js';
import { kernels } from '../src/trace/kernels.js';
import {
  carriedOf,
  corpus,
  DEFAULT_TOLERANCE,
  loopOf,
  models,
  type Shapes,
  trainingInputsOf,
  trainingLoopOf,
} from './corpus/index.js';
import { type LoopInputs, type LoopResults, profileEager, relativeDistance, runEager } from './run-loop.js';

/** Compiles a loop for one engine. */
export type OpenLoop = (loop: LoopDefinition) => Promise<(inputs: LoopInputs) => Promise<LoopResults>>;

type Chosen = (kernel: string, shapes: Shapes) => boolean;

const rowsOf = (isChosen: Chosen = () => true) =>
  corpus.flatMap((entry) =>
    entry.shapes
      .filter((shapes) => isChosen(entry.kernel, shapes))
      .map((shapes) => ({ ...entry, entry, of: JSON.stringify(shapes), operands: shapes })),
  );

/** Tests that an engine computes what eager tfjs does, for every entry of the corpus or the chosen ones, forward and gradient. */
export function describeConformance(engine: string, open: OpenLoop, isChosen?: Chosen): void {
  const rows = rowsOf(isChosen);

  describe(`${engine} computes as tfjs does`, () => {
    it.each(rows)('$kernel: $title, of $of', async ({ entry, operands, kernel }) => {
      await tf.setBackend('cpu');
      const loop = loopOf(entry, operands);
      const inputs = { rows: [[0]], weights: [[1]], carried: carriedOf(entry, operands) };
      const compiled = await (await open(loop))(inputs);
      const { results: eager, kernelNames } = await profileEager(loop, inputs);
      expect(Object.keys(compiled.stacked).sort()).toEqual(Object.keys(eager.stacked).sort());
      for (const [name, expected] of Object.entries(eager.stacked)) {
        expect(compiled.stacked[name]?.shape, name).toEqual(expected.shape);
        const tolerance = entry.tolerance ?? DEFAULT_TOLERANCE;
        expect(relativeDistance(compiled.stacked[name], expected), name).toBeLessThanOrEqual(tolerance);
      }
      expect(kernelNames).toContain(kernel);
    });

    if (isChosen !== undefined) return;
    it('for every kernel that can be traced', () => {
      const tried = new Set(corpus.map(({ kernel }) => kernel));
      expect(Object.keys(kernels).filter((kernel) => !tried.has(kernel))).toEqual([]);
    });
  });
}

/** Largest relative distance of a parameter after training: rounding of 20 steps, each on the last one's. */
const TRAINED_TOLERANCE = 1e-4;

/** Eager convolutions take their time, in milliseconds. */
const TRAINING_TIMEOUT = 120_000;

/** Tests that an engine trains whole models to the weights that eager tfjs gets, or `chosen` ones alone. */
export function describeTraining(engine: string, open: OpenLoop, chosen?: readonly string[]): void {
  describe(`${engine} trains as tfjs does`, () => {
    it.each(models.filter(({ name }) => chosen?.includes(name) ?? true))(
      '20 steps of $name',
      async (model) => {
        const loop = trainingLoopOf(model);
        const inputs = trainingInputsOf(model, 20);
        const compiled = await (await open(loop))(inputs);
        const eager = await runEager(loop, inputs);
        for (const name of Object.keys(model.parameters)) {
          expect(relativeDistance(compiled.carried[name], eager.carried[name]), name).toBeLessThanOrEqual(
            TRAINED_TOLERANCE,
          );
          expect(relativeDistance(eager.carried[name], inputs.carried[name]), `${name} moved`).toBeGreaterThan(1e-3);
        }
        expect(compiled.stacked['losses']?.shape).toEqual([20, model.batchSize]);
        expect(relativeDistance(compiled.stacked['losses'], eager.stacked['losses'])).toBeLessThanOrEqual(1e-5);
      },
      TRAINING_TIMEOUT,
    );
  });
}
