import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project, resultsOf } from './tiny-federation.js';

/** 120 points around three corners of a plane, as float32; and the same as bytes. */
const corners = `import { createHash } from 'node:crypto';
import { defineDataset } from '@fedx/core';

export default defineDataset({
  name: 'corners',
  options: { type: 'object', additionalProperties: false, properties: { as: { type: 'string', enum: ['bytes', 'floats'] } } },
  load: async ({ as }) => {
    const labels = Uint8Array.from({ length: 120 }, (_, i) => i % 3);
    const bytes = Uint8Array.from({ length: 240 }, (_, i) => {
      const corner = labels[i >> 1];
      return (corner === 1 && i % 2 === 0) || (corner === 2 && i % 2 === 1) ? 200 + (i % 50) : i % 50;
    });
    const inputs = as === 'floats' ? Float32Array.from(bytes, (byte) => byte / 256 - 0.5) : bytes;
    const digest = createHash('sha256').update(as).digest('hex');
    return { examples: 120, inputShape: [2], inputs, scale: as === 'floats' ? 1 : 1 / 256, labels, classes: 3, digest };
  },
});
`;

const overrides = ['plugins=[./corners.ts]', 'partition.clients=3', 'model.hidden=[]', 'controls=[centralized]'];
const floats = [...overrides, 'dataset={use: corners, as: floats}'];
let project: Project;

beforeAll(async () => {
  project = await createProject();
  await project.write('corners.ts', corners);
});

afterAll(() => project.remove());

describe('a run on float32 inputs', () => {
  it('learns from negative features, alike compiled and eager', async () => {
    const compiled = await project.run([...floats, 'server.rounds=10']);
    const eager = await project.run([...floats, 'server.rounds=10', 'engine.use=eager']);
    expect(compiled.error).toBeUndefined();
    const last = (run: typeof compiled, metric: string) => run.report?.runs[0]?.metrics[metric]?.last ?? Number.NaN;
    expect(last(compiled, 'test/accuracy')).toBeGreaterThan(0.95);
    expect(last(compiled, 'test/loss')).toBeCloseTo(last(eager, 'test/loss'), 5);
    expect(last(compiled, 'update/norm')).toBeCloseTo(last(eager, 'update/norm'), 4);
  });

  it('gives the same bits for 1 and 3 workers', async () => {
    const one = await resultsOf(await project.run([...floats, 'executor.workers=1']));
    expect(await resultsOf(await project.run([...floats, 'executor.workers=3']))).toEqual(one);
  });
});
