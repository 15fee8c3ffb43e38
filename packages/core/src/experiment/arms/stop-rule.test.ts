import { describe, expect, it } from 'vitest';
import { createStopRule } from './stop-rule.js';

const accuracies = (...values: number[]) => values.map((value) => ({ 'test/accuracy': value }));

describe('a rule to stop', () => {
  it('ends an arm whose metric reaches a value', () => {
    const rule = createStopRule({ metric: 'test/accuracy', at: 0.9 }, []);
    expect(accuracies(0.5, 0.89, 0.9, 0.2).map(rule)).toEqual([false, false, true, false]);
  });

  it('takes a loss for the better the lower it is', () => {
    const rule = createStopRule({ metric: 'test/loss', at: 0.5 }, []);
    expect([2, 0.6, 0.5].map((loss) => rule({ 'test/loss': loss }))).toEqual([false, false, true]);
  });

  it('ends an arm that has not become better for so many evaluations; an equal value and NaN are no better', () => {
    const rule = createStopRule({ metric: 'test/accuracy', patience: 3 }, []);
    expect(accuracies(0.5, 0.4, 0.6, 0.6, Number.NaN, 0.1).map(rule)).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it('decides alike for an arm that goes on after some evaluations', () => {
    const all = accuracies(0.5, 0.6, 0.55, 0.58, 0.59);
    const stop = { metric: 'test/accuracy', patience: 3 };
    const whole = all.map(createStopRule(stop, []));
    for (let from = 0; from < all.length; from++) {
      expect(all.slice(from).map(createStopRule(stop, all.slice(0, from)))).toEqual(whole.slice(from));
    }
  });

  it('names a metric that there is not, and the nearest', () => {
    const rule = createStopRule({ metric: 'test/acuracy', at: 1 }, []);
    expect(() => rule({ 'test/accuracy': 1 })).toThrow(
      expect.objectContaining({ code: 'FEDX_METRIC_MISSING', hint: expect.stringContaining('test/accuracy') }),
    );
  });
});
