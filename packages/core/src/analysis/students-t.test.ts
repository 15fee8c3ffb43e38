import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { studentsTQuantile, studentsTwoSided } from './students-t.js';

describe('studentsTQuantile', () => {
  // Published tables, e.g. NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2.
  it.each([
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 3, 3.182],
    [0.975, 4, 2.776],
    [0.975, 19, 2.093],
    [0.975, 30, 2.042],
    [0.975, 100, 1.984],
    [0.9, 5, 1.476],
    [0.95, 10, 1.812],
    [0.995, 7, 3.499],
    [0.999, 2, 22.327],
  ])('is in the table at %d with %i degrees of freedom', (probability, degrees, value) => {
    expect(studentsTQuantile(probability, degrees)).toBeCloseTo(value, 3);
  });

  it('is the closed form of the Cauchy distribution with 1 and of its sibling with 2 degrees of freedom', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), (p) => {
        const relative = (value: number, exact: number) => Math.abs(value - exact) / Math.max(1, Math.abs(exact));
        expect(relative(studentsTQuantile(p, 1), Math.tan(Math.PI * (p - 0.5)))).toBeLessThan(1e-10);
        expect(relative(studentsTQuantile(p, 2), (2 * p - 1) / Math.sqrt(2 * p * (1 - p)))).toBeLessThan(1e-10);
      }),
    );
  });

  it('nears the normal quantile as the degrees of freedom grow', () => {
    expect(studentsTQuantile(0.975, 100_000)).toBeCloseTo(1.95996, 4);
  });

  it('is zero in the middle and symmetric about it', () => {
    expect(studentsTQuantile(0.5, 7)).toBe(0);
    expect(studentsTQuantile(0.25, 7)).toBe(-studentsTQuantile(0.75, 7));
  });

  it.each([
    [0, 1],
    [1, 1],
    [Number.NaN, 1],
    [0.975, 0],
    [0.975, 1.5],
  ])('refuses a probability of %d with %d degrees of freedom', (probability, degrees) => {
    expect(() => studentsTQuantile(probability, degrees)).toThrow(expect.objectContaining({ code: 'FEDX_INTERNAL' }));
  });
});

describe('studentsTwoSided', () => {
  // 2 * scipy.stats.t.sf(t, df) of SciPy 1.17.1.
  it.each([
    [0, 3, 1],
    [0.5, 1, 0.7048327646991335],
    [2, 1, 0.2951672353008665],
    [2, 2, 0.18350341907227397],
    [-3, 4, 0.03994196807171883],
    [1, 7, 0.3506166628202074],
    [5.5, 10, 0.00026178837349453667],
    [2.2, 29, 0.03592675915068257],
  ])('is what SciPy says of t = %d with %i degrees of freedom', (t, degrees, p) => {
    expect(studentsTwoSided(t, degrees)).toBeCloseTo(p, 12);
  });

  it('undoes the quantile', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.499, noNaN: true }),
        fc.integer({ min: 1, max: 40 }),
        (tail, degrees) => {
          expect(studentsTwoSided(studentsTQuantile(1 - tail, degrees), degrees)).toBeCloseTo(2 * tail, 9);
        },
      ),
    );
  });
});
