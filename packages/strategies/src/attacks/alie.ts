import { defineAttack, parameters as p } from '@fedx/core';
import { normalQuantile } from './normal-quantile.js';

/**
 * How many standard deviations from the mean attackers can hide (Baruch, Baruch and Goldberg 2019, algorithm 3, lines 1 and 2):
 * with s = floor(n / 2 + 1) - m supporters among the n - m honest ones, the z below which a share (n - m - s) / (n - m) of
 * them lies. At least one supporter is counted on, and z is never negative.
 */
export function largestShift(updates: number, attackers: number): number {
  const honest = updates - attackers;
  const supporters = Math.max(1, Math.floor(updates / 2 + 1) - attackers);
  const share = (honest - supporters) / honest;
  return share > 0.5 ? normalQuantile(share) : 0;
}

/**
 * "A little is enough" (Baruch, Baruch and Goldberg 2019, arXiv 1902.06156, algorithm 3): the attackers take the mean and the
 * standard deviation of their own honest updates, value by value, and all send `mean - z * deviation`: near enough to the others to
 * pass for one of them.
 */
export const alie = defineAttack({
  name: 'alie',
  options: {
    type: 'object',
    description: 'Attackers all send a value a few standard deviations from their mean: a little is enough.',
    additionalProperties: false,
    properties: {
      z: {
        type: 'number',
        minimum: 0,
        description: 'Standard deviations; default: from the numbers of updates and attackers of the round.',
      },
    },
  },
  create: ({ z }) => ({
    forge({ honest, updates }) {
      const shift = z ?? largestShift(updates, honest.length);
      const all = honest.map(({ sent }) => sent);
      const forged = p.coordinateWise(all, (values) => {
        let mean = 0;
        for (let k = 0; k < values.length; k++) mean += (values[k] ?? 0) / values.length;
        let variance = 0;
        for (let k = 0; k < values.length; k++) variance += ((values[k] ?? 0) - mean) ** 2 / values.length;
        return mean - shift * Math.sqrt(variance);
      });
      return honest.map(() => forged);
    },
    idle({ clients, attackers }) {
      const shift = z ?? largestShift(clients, attackers);
      if (attackers === 1)
        return `One attacker alone has a standard deviation of 0, so that it sends its honest update whatever z is (here ${shift}). Have more attackers.`;
      if (shift > 0) return undefined;
      const of = z === undefined ? ` for ${attackers} attackers among ${clients} clients` : '';
      const more = z === undefined && 2 * attackers < clients ? ', or have more attackers' : '';
      return `z is 0${of}, so that they all send their mean. Set environment.attackers.attack.z above 0${more}.`;
    },
  }),
});
