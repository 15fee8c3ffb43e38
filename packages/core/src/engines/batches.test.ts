import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random/index.js';
import { layOutBatches } from './batches.js';

const rows = Uint32Array.of(10, 11, 12, 13, 14);
const { key } = createRandom(1).at('batches', 1, 0);
const lists = ({ rows: laidOut, weights }: ReturnType<typeof layOutBatches>) => ({
  rows: [...laidOut],
  weights: [...weights],
});

describe('layOutBatches', () => {
  it('keeps a short last batch, filled up with its own rows at weight 0', () => {
    const batches = layOutBatches({ rows, epochs: 1, lastBatch: 'keep' }, 2);
    expect(batches.steps).toBe(3);
    expect(lists(batches)).toEqual({ rows: [10, 11, 12, 13, 14, 14], weights: [0.5, 0.5, 0.5, 0.5, 1, 0] });
  });

  it('drops the examples that do not fill a batch', () => {
    const batches = layOutBatches({ rows, epochs: 1, lastBatch: 'drop' }, 2);
    expect(batches.steps).toBe(2);
    expect(lists(batches)).toEqual({ rows: [10, 11, 12, 13], weights: [0.5, 0.5, 0.5, 0.5] });
  });

  it.each(['keep', 'drop'] as const)('makes one short batch of fewer examples than a batch: %s', (lastBatch) => {
    const batches = layOutBatches({ rows: rows.subarray(0, 2), epochs: 2, lastBatch }, 5);
    expect(batches.steps).toBe(2);
    expect(lists(batches)).toEqual({
      rows: [10, 11, 10, 11, 10, 10, 11, 10, 11, 10],
      weights: [0.5, 0.5, 0, 0, 0, 0.5, 0.5, 0, 0, 0],
    });
  });

  it('takes no step without examples', () => {
    expect(layOutBatches({ rows: new Uint32Array(), epochs: 3, lastBatch: 'keep' }, 4).steps).toBe(0);
  });

  it('counts the examples that it weighs, up to its last step', () => {
    const sizes = fc.record({
      examples: fc.integer({ min: 0, max: 30 }),
      batchSize: fc.integer({ min: 1, max: 12 }),
      epochs: fc.integer({ min: 1, max: 3 }),
      limit: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(sizes, fc.constantFrom('keep', 'drop'), ({ examples, limit, ...size }, lastBatch) => {
        const schedule = {
          ...size,
          rows: new Uint32Array(examples),
          lastBatch,
          ...(limit !== undefined && { steps: limit }),
        };
        const batches = layOutBatches(schedule, size.batchSize);
        expect(batches.examples).toBe(batches.weights.filter((weight) => weight !== 0).length);
      }),
    );
  });

  it('goes over the rows in their order, epoch by epoch, where there is no key', () => {
    expect(lists(layOutBatches({ rows, epochs: 2, lastBatch: 'keep' }, 5)).rows).toEqual([...rows, ...rows]);
  });

  it('shuffles each epoch anew, by the key alone', () => {
    const many = Uint32Array.from({ length: 40 }, (_, i) => i);
    const order = (shuffleKey: string, epochs = 2) =>
      lists(layOutBatches({ rows: many, epochs, lastBatch: 'keep', shuffleKey }, 8)).rows;
    const [first, second] = [order(key).slice(0, 40), order(key).slice(40)];
    expect(first).not.toEqual([...many]);
    expect(second).not.toEqual(first);
    expect(order(key)).toEqual([...first, ...second]);
    expect(order(key, 1)).toEqual(first);
    expect(order(createRandom(2).key).slice(0, 40)).not.toEqual(first);
    expect([...many]).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  it('shows each example once an epoch under keep, and at most once under drop, at weights that sum to 1 a step', () => {
    const sizes = fc.record({
      examples: fc.integer({ min: 1, max: 60 }),
      batchSize: fc.integer({ min: 1, max: 70 }),
      epochs: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(sizes, fc.constantFrom('keep', 'drop'), ({ examples, batchSize, epochs }, lastBatch) => {
        const all = Uint32Array.from({ length: examples }, (_, i) => 100 + i);
        const {
          steps,
          rows: laidOut,
          weights,
        } = layOutBatches({ rows: all, epochs, lastBatch, shuffleKey: key }, batchSize);
        const perEpoch = (steps / epochs) * batchSize;
        for (let epoch = 0; epoch < epochs; epoch++) {
          const seen = [...laidOut]
            .slice(epoch * perEpoch, (epoch + 1) * perEpoch)
            .filter((_, i) => weights[epoch * perEpoch + i] !== 0);
          expect(new Set(seen).size).toBe(seen.length);
          if (lastBatch === 'keep') expect(seen.sort((a, b) => a - b)).toEqual([...all]);
        }
        for (let step = 0; step < steps; step++) {
          const sum = weights
            .slice(step * batchSize, (step + 1) * batchSize)
            .reduce((total, weight) => total + weight, 0);
          expect(sum).toBeCloseTo(1, 5);
        }
      }),
    );
  });
});
