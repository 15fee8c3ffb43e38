import type { LoopDefinition } from '@fedx/compiler';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../engines/index.js';
import { compileOnce, type Programs } from './programs.js';

const loop: LoopDefinition = {
  batchSize: 4,
  tables: [{ name: 'labels', rows: 2, rowShape: [], as: { dtype: 'int32' }, content: Uint8Array.of(1, 2) }],
  carried: [{ name: 'parameter/w', shape: [3] }],
  constants: [],
  step: () => ({ carried: {}, stacked: {} }),
};

/** Compiles by counting. */
function engine() {
  let compiled = 0;
  const counting: Engine = {
    name: 'eager',
    workers: 1,
    compile: async ({ batchSize }) => ({ id: String(++compiled), batchSize, draws: 0 }),
    run: async ({ carried }) => ({ carried, stacked: {}, ends: [] }),
    close: async () => undefined,
  };
  return counting;
}

describe('compileOnce', () => {
  it('compiles once what is the same, under any number of engines with one list', async () => {
    const programs: Programs = new Map();
    const counting = engine();
    const [first, second] = [compileOnce(counting, programs, ['a']), compileOnce(counting, programs, ['a'])];
    expect(await first.compile(loop)).toBe(
      await second.compile({ ...loop, step: () => ({ carried: {}, stacked: {} }) }),
    );
  });

  it.each<[string, Partial<LoopDefinition>, string]>([
    ['key', {}, 'b'],
    ['batch size', { batchSize: 5 }, 'a'],
    ['state', { carried: [{ name: 'parameter/w', shape: [4] }] }, 'a'],
    ['noise', { noise: { window: 2, tables: [new Float32Array(4), new Float32Array(4)] } }, 'a'],
    ['input that changes by step', { perStep: ['optimizer/learningRate'] }, 'a'],
    ['number of jobs in a call', { isSummed: true }, 'a'],
    ['constants', { constants: [{ name: 'optimizer/learningRate', shape: [] }] }, 'a'],
  ])('compiles anew for another %s', async (_, change, key) => {
    const programs: Programs = new Map();
    const counting = engine();
    const first = await compileOnce(counting, programs, ['a']).compile(loop);
    const second = await compileOnce(counting, programs, [key]).compile({ ...loop, ...change });
    expect(second.id).not.toBe(first.id);
  });
});
