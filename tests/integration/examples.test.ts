import { metricConformance, modelConformance, partitionerConformance, strategyConformance } from '@fedx/core/testing';
import { describe, expect, it } from 'vitest';
import labelGroups from '../../examples/label-groups.js';
import residualMlp from '../../examples/residual-mlp.js';
import serverMomentum from '../../examples/server-momentum.js';
import worstClassRecall from '../../examples/worst-class-recall.js';

describe('the example server-momentum', () => {
  const claims = { still: true, unanimous: true, symmetric: true };
  for (const { title, run } of strategyConformance(serverMomentum, { claims })) it(title, run);
});

describe('the example label-groups', () => {
  for (const { title, run } of partitionerConformance(labelGroups, { options: { clients: 5 } })) it(title, run);

  it('gives each group its own labels, evenly', () => {
    // Labels 0 and 2 go to clients 0, 2 and 4, label 1 to clients 1 and 3.
    const labels = Uint8Array.from([0, 0, 0, 0, 1, 1, 1, 2]);
    const request = { labels, classes: 3, random: undefined } as never;
    expect(labelGroups.partition({ clients: 5, groups: 2 }, request)).toEqual({
      quotas: [
        [2, 0, 1],
        [0, 2, 0],
        [1, 0, 0],
        [0, 1, 0],
        [1, 0, 0],
      ],
    });
  });

  it('refuses more groups than clients or labels', () => {
    const request = { labels: Uint8Array.of(0, 1), classes: 2, random: undefined } as never;
    for (const options of [
      { clients: 2, groups: 3 },
      { clients: 9, groups: 3 },
    ]) {
      expect(() => labelGroups.partition(options, request)).toThrow(
        expect.objectContaining({ code: 'FEDX_PARTITION_IMPOSSIBLE' }),
      );
    }
  });
});

describe('the example residual-mlp', () => {
  const shape = { inputShape: [4, 4, 1], classes: 3 };
  for (const { title, run } of modelConformance(residualMlp, { ...shape, options: { width: 6, blocks: 3 } }))
    it(title, run);
});

describe('the example worst-class-recall', () => {
  for (const { title, run } of metricConformance(worstClassRecall)) it(title, run);

  it('is the lowest share of a class that is predicted right, of classes with enough examples', () => {
    const measured = { actual: [4, 2, 10, 0], right: [3, 0, 5, 0] };
    const call = { sums: (name: keyof typeof measured) => measured[name] } as never;
    expect(worstClassRecall.create({ minimum: 1 }).finish(call)).toBe(0);
    expect(worstClassRecall.create({ minimum: 3 }).finish(call)).toBe(0.5);
    expect(worstClassRecall.create({ minimum: 11 }).finish(call)).toBeUndefined();
  });
});
