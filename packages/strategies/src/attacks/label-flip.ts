import { defineAttack, FedxError } from '@fedx/core';

/** Label `l` becomes `classes - 1 - l` (Fang, Cao, Jia and Gong 2020, arXiv 1911.11815, section 4.1). */
export function mirrored(label: number, classes: number): number {
  return classes - 1 - label;
}

/**
 * Attackers train honestly on wrong labels: all of them mirrored (Fang et al. 2020), or those of one class turned into another
 * (Tolpegin, Truex, Gursoy and Liu 2020, arXiv 2007.08432, section 3). Throws FEDX_ENVIRONMENT_IMPOSSIBLE where the
 * dataset has no such class.
 */
export const labelFlip = defineAttack({
  name: 'label-flip',
  options: {
    type: 'object',
    description: 'Attackers train on wrong labels.',
    additionalProperties: false,
    properties: {
      from: { type: 'integer', minimum: 0, description: 'The class whose labels change; default: every class.' },
      to: { type: 'integer', minimum: 0, description: 'The class that from becomes.' },
    },
    dependencies: { from: ['to'], to: ['from'] },
  },
  create: ({ from, to }) => ({
    relabel: (label, classes) => {
      if (from === undefined || to === undefined) return mirrored(label, classes);
      const unknown = [from, to].find((one) => one >= classes);
      if (unknown === undefined) return label === from ? to : label;
      throw new FedxError(
        'FEDX_ENVIRONMENT_IMPOSSIBLE',
        `The attack label-flip names class ${unknown}, but the last one is ${classes - 1}.`,
        { place: { plugin: 'label-flip' }, hint: 'Class numbers start from 0.' },
      );
    },
    idle: () =>
      from !== undefined && from === to
        ? `Class ${from} is to become class ${to}, which it is. Give from and to two classes.`
        : undefined,
  }),
});
