import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccountant } from './accountant.js';
import { epsilonOf, renyiDivergence } from './rdp.js';

/**
 * Figures of Opacus 1.6.0, with our orders; those of dp-accounting 0.6.0 beside them, which stays a little above the exact
 * divergence at orders that are no integers, and is the same where such an order does not decide.
 *
 *     rdp = opacus.accountants.analysis.rdp
 *     rdp.get_privacy_spent(orders=orders, rdp=rdp.compute_rdp(q=rate, noise_multiplier=noise, steps=steps, orders=orders),
 *                           delta=delta)
 *     a = dp_accounting.rdp.RdpAccountant(orders)
 *     a.compose(PoissonSampledDpEvent(rate, GaussianDpEvent(noise)), steps); a.get_epsilon(delta)
 */
const published: readonly (readonly [number, number, number, number, number, number])[] = [
  // Rate, noise, steps, delta; epsilon of Opacus, of dp-accounting. The first is MNIST with DP-SGD for 60 epochs.
  [256 / 60000, 1.1, 14062, 1e-5, 2.5965558689607486, 2.5965558697943036],
  [0.01, 1, 1000, 1e-5, 2.1013652716430564, 2.101366525420273],
  [0.01, 4, 10000, 1e-5, 1.0354900660362476, 1.0354900660362436],
  [0.1, 1, 100, 1e-5, 7.899255002434629, 7.903850223578231],
  [0.1, 0.6, 10, 1e-3, 6.449839881064008, 6.454022970451769],
  [0.001, 0.5, 5000, 1e-6, 6.61017777940924, 6.61050493175421],
  [1, 2, 50, 1e-5, 22.019852327713252, 22.019852327713252],
  [1, 10, 100, 1e-5, 4.728507067217623, 4.728507067217623],
  [0.5, 5, 200, 1e-5, 7.230994548010104, 7.231782239519924],
  [0.02, 20, 1000, 1e-9, 0.17277869449956473, 0.17277869449902383],
];

describe('the accountant', () => {
  it.each(published)('says of rate %d, noise %d, %d steps and delta %d what others say', (...row) => {
    const [rate, noise, steps, delta, opacus, dpAccounting] = row;
    const epsilon = createAccountant({ rate, noise, delta }).epsilon(steps);
    expect(epsilon / opacus).toBeCloseTo(1, 8);
    expect(epsilon / dpAccounting).toBeLessThan(1 + 1e-8);
    expect(epsilon / dpAccounting).toBeGreaterThan(0.999);
  });

  it('gives nothing away in no steps', () => {
    expect(createAccountant({ rate: 0.5, noise: 1, delta: 1e-5 }).epsilon(0)).toBe(0);
  });

  it('gives more away with more steps and a higher rate, less with more noise', () => {
    const rate = fc.double({ min: 0.001, max: 0.9, noNaN: true });
    const noise = fc.double({ min: 0.5, max: 20, noNaN: true });
    fc.assert(
      fc.property(rate, noise, fc.integer({ min: 1, max: 1000 }), (rate, noise, steps) => {
        const epsilon = (rate: number, noise: number, steps: number) =>
          createAccountant({ rate, noise, delta: 1e-5 }).epsilon(steps);
        const usual = epsilon(rate, noise, steps);
        const slack = 1e-9 * (1 + usual);
        expect(epsilon(rate, noise, steps + 1)).toBeGreaterThanOrEqual(usual - slack);
        expect(epsilon(rate * 1.1, noise, steps)).toBeGreaterThanOrEqual(usual - slack);
        expect(epsilon(rate, noise * 1.1, steps)).toBeLessThanOrEqual(usual + slack);
      }),
      { numRuns: 10 },
    );
  });
});

describe('the Rényi divergence of the sampled Gaussian mechanism', () => {
  // Of Opacus 1.6.0's compute_rdp.
  it.each([
    [
      0.01,
      1,
      [
        9.241470982855839e-5, 0.00012725374351154145, 0.00017181342207453428, 0.00021757533233085147,
        0.0005019836599126148, 0.0008936439076060279, 11.246275937048072, 26.820552875528232,
      ],
    ],
    [
      0.3,
      4,
      [
        0.0031450435396715984, 0.004311665301841854, 0.005787720091315687, 0.007283974270123397, 0.0160603830686134,
        0.02523074133817124, 0.16647627043793986, 0.7987643135995945,
      ],
    ],
  ])('is that of Opacus at integer and other orders: rate %d, noise %d', (rate, noise, golden) => {
    const found = renyiDivergence(rate, noise, [1.1, 1.5, 2, 2.5, 5.3, 8, 32, 63]);
    // Opacus's series loses digits just above order 1.
    golden.forEach((value, i) => {
      expect((found[i] ?? 0) / value).toBeCloseTo(1, 7);
    });
  });

  it('is order / (2 noise^2) without sampling', () => {
    expect([...renyiDivergence(1, 2, [1.5, 2, 64])]).toEqual([1.5 / 8, 2 / 8, 64 / 8]);
  });

  it('has one value at an integer order, by the sum and by the integral beside it', () => {
    const orders = fc.integer({ min: 2, max: 40 });
    const rate = fc.double({ min: 0.001, max: 0.99, noNaN: true });
    const noise = fc.double({ min: 0.3, max: 10, noNaN: true });
    fc.assert(
      fc.property(orders, rate, noise, (order, rate, noise) => {
        const [exact = 0, beside = 0] = renyiDivergence(rate, noise, [order, order + 1e-9]);
        expect(Math.abs(beside - exact)).toBeLessThan(1e-6 * (1e-3 + exact));
      }),
      { numRuns: 50 },
    );
  });

  it('is, with hardly any noise, that of the summand that outgrows all others, and takes no time', () => {
    // alpha / (2 noise^2) + alpha / (alpha - 1) log q; at a noise of 0.036 order 1.1 is still integrated.
    for (const noise of [0.036, 0.034, 1e-3, 1e-9]) {
      const orders = [1.1, 1.5, 2, 7.3];
      renyiDivergence(0.2, noise, orders).forEach((value, i) => {
        const order = orders[i] ?? 0;
        const expected = order / (2 * noise * noise) + (order / (order - 1)) * Math.log(0.2);
        expect(value / expected).toBeCloseTo(1, 12);
      });
    }
    expect([...renyiDivergence(0.2, 1e-200, [1.1])]).toEqual([Infinity]);
  });

  it('is nothing without clients, and everything without noise', () => {
    expect([...renyiDivergence(0, 1, [2])]).toEqual([0]);
    expect([...renyiDivergence(0.5, 0, [2])]).toEqual([Infinity]);
    expect(() => renyiDivergence(1.5, 1, [2])).toThrow(expect.objectContaining({ code: 'FEDX_INTERNAL' }));
  });
});

describe('the conversion to (epsilon, delta)', () => {
  it('follows Canonne, Kamath and Steinke 2020, proposition 12, at one order', () => {
    // 0.5 + log(1 - 1/4) - (log 1e-5 + log 4) / 3
    expect(epsilonOf(Float64Array.of(0.5), 1e-5, [4])).toBeCloseTo(
      0.5 + Math.log(0.75) - (Math.log(1e-5) + Math.log(4)) / 3,
      12,
    );
  });

  it('is never below zero', () => {
    expect(epsilonOf(Float64Array.of(0), 0.9, [2])).toBe(0);
  });
});
