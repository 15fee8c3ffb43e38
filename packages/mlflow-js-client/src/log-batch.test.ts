import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchLimits, splitBatch } from './log-batch.js';

const point = { value: 1, step: 0, timestamp: 0 };

function record(count: number, prefix = 'key'): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}-${index}`, 'x']));
}

describe('splitBatch', () => {
  it('makes no request of nothing, and one of a little of everything', () => {
    expect(splitBatch({})).toEqual([]);
    expect(
      splitBatch({
        metrics: [{ key: 'loss', value: Number.NaN, step: 3, timestamp: 5 }],
        params: { a: '1' },
        tags: { b: '2' },
      }),
    ).toEqual([
      {
        metrics: [{ key: 'loss', value: 'NaN', step: 3, timestamp: 5 }],
        params: [{ key: 'a', value: '1' }],
        tags: [{ key: 'b', value: '2' }],
      },
    ]);
  });

  it('starts another request at the thousandth entity: 100 tags and 900 metrics fill one', () => {
    const metrics = Array.from({ length: 901 }, () => ({ key: 'loss', ...point }));
    const sizes = splitBatch({ metrics, tags: record(100) }).map((batch) => [batch.tags.length, batch.metrics.length]);
    expect(sizes).toEqual([
      [100, 900],
      [0, 1],
    ]);
  });

  it('takes the longest keys and values, counted in characters, and none that is longer', () => {
    const wide = '😀'.repeat(batchLimits.paramCharacters);
    expect(splitBatch({ params: { ['k'.repeat(250)]: wide } })).toHaveLength(1);
    const tooLong = [
      { params: { a: `${wide}x` } },
      { params: { ['k'.repeat(251)]: 'x' } },
      { tags: { a: 'x'.repeat(8001) } },
      { tags: { '': 'x' } },
      { metrics: [{ key: 'k'.repeat(251), ...point }] },
      { metrics: [{ key: 'loss', ...point, step: 0.5 }] },
      { metrics: [{ key: 'loss', ...point, timestamp: Number.NaN }] },
    ];
    for (const batch of tooLong) {
      expect(() => splitBatch(batch)).toThrow(expect.objectContaining({ code: 'CLIENT_INVALID_ARGUMENT' }));
    }
  });

  it('loses nothing, keeps the order and every limit, for any batch', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
    const batches = fc.record({
      metrics: fc.array(fc.record({ key: text, value: fc.double(), step: fc.integer(), timestamp: fc.nat() }), {
        maxLength: 3000,
        size: 'max',
      }),
      params: fc.dictionary(text, fc.string({ maxLength: 6000, size: 'max' }), { maxKeys: 250, size: 'max' }),
      tags: fc.dictionary(text, fc.string({ maxLength: 8000 }), { maxKeys: 250 }),
    });
    fc.assert(
      fc.property(batches, (batch) => {
        const parts = splitBatch(batch);
        for (const { metrics, params, tags } of parts) {
          expect(metrics.length).toBeLessThanOrEqual(1000);
          expect(params.length).toBeLessThanOrEqual(100);
          expect(tags.length).toBeLessThanOrEqual(100);
          expect(metrics.length + params.length + tags.length).toBeLessThanOrEqual(1000);
          const body = JSON.stringify({ run_id: '0'.repeat(32), metrics, params, tags });
          expect(Buffer.byteLength(body)).toBeLessThanOrEqual(1_000_000);
        }
        expect(parts.flatMap(({ metrics }) => metrics)).toMatchObject(
          batch.metrics.map(({ key, step, timestamp }) => ({ key, step, timestamp })),
        );
        const pairs = (values: Readonly<Record<string, string>>): object[] =>
          Object.entries(values).map(([key, value]) => ({ key, value }));
        expect(parts.flatMap(({ params }) => params)).toEqual(pairs(batch.params));
        expect(parts.flatMap(({ tags }) => tags)).toEqual(pairs(batch.tags));
      }),
      { numRuns: 20 },
    );
  });
});
