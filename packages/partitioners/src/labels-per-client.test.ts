import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelTotals, split } from '../testing/split.js';
import { labelsPerClient } from './labels-per-client.js';

describe('labels-per-client', () => {
  it('gives client i label i mod L alone where k is 1, divided evenly', () => {
    // Label 0 to clients 0 and 2, label 1 to client 1.
    expect(split(labelsPerClient, { clients: 3, labels: 1 }, [5, 4])).toEqual([
      [3, 0],
      [0, 4],
      [2, 0],
    ]);
  });

  it('divides every label over all clients where k is L', () => {
    expect(split(labelsPerClient, { clients: 2, labels: 3 }, [4, 6, 3])).toEqual([
      [2, 3, 2],
      [2, 3, 1],
    ]);
  });

  it('gives every client k labels, its own among them, and uses every example once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 60, max: 90 }), { minLength: 2, maxLength: 10 }),
        fc.integer({ min: 10, max: 50 }),
        fc.nat(),
        (counts, clients, draw) => {
          const labels = 1 + (draw % counts.length);
          const quotas = split(labelsPerClient, { clients, labels }, counts);
          quotas.forEach((quota, client) => {
            expect(quota.filter((count) => count > 0).length).toBe(labels);
            expect(quota[client % counts.length]).toBeGreaterThan(0);
          });
          expect(labelTotals(quotas)).toEqual(counts);
        },
      ),
    );
  });

  it.each([
    [
      'more labels per client than labels',
      { clients: 5, labels: 4 },
      [9, 9, 9],
      'hold 4 labels each: the dataset has 3',
    ],
    ['a label that nobody holds', { clients: 2, labels: 1 }, [9, 9, 9], 'No client holds label 2'],
    ['fewer examples than holders', { clients: 8, labels: 1 }, [3, 9], 'Label 0 has 3 examples for the 4 clients'],
  ])('refuses %s', (_, options, counts, message) => {
    expect(() => split(labelsPerClient, options, counts)).toThrow(
      expect.objectContaining({ code: 'FEDX_PARTITION_IMPOSSIBLE', message: expect.stringContaining(message) }),
    );
  });
});
