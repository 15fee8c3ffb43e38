import { describe, expect, it } from 'vitest';
import { flatten } from './tracked-run.js';

describe('flatten', () => {
  it('names leaves by their path and writes lists as JSON', () => {
    const spec = {
      seed: 5,
      client: { optimizer: { use: 'sgd', 'odd:key': null } },
      controls: [{ use: 'iid' }],
      empty: {},
    };
    expect(flatten(spec)).toEqual({
      seed: '5',
      'client.optimizer.use': 'sgd',
      'client.optimizer.odd_key': 'null',
      controls: '[{"use":"iid"}]',
    });
  });

  it('cuts what MLflow would cut, and marks it', () => {
    const { long, fits } = flatten({ long: '😀'.repeat(6001), fits: '😀'.repeat(6000) });
    expect(Array.from(long ?? '')).toHaveLength(6000);
    expect(long?.endsWith('😀…')).toBe(true);
    expect(fits).toBe('😀'.repeat(6000));
  });
});
