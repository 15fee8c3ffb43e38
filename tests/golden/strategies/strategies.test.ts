/** Weights after three rounds against implementations that are not ours; generate.py says whose. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recordRun } from '../recorded-run.js';
import { common, makeData } from './federation.js';

const figures = JSON.parse(readFileSync(new URL('figures.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, readonly number[]>>>
>;

interface Case {
  readonly name: string;
  readonly strategy: string;
  /** What else the server is told. */
  readonly server?: string;
  /** Of the clients' optimizer. */
  readonly momentum?: number;
}

const uniform = ', weights: uniform';
const inTurns = ', cohort: { use: fixed, rounds: [[0, 2], [1, 3], [2, 3]] }';
const adagrad = 'serverLearningRate: 0.05, beta1: 0.9, tau: 0.001';
const adaptive = `${adagrad}, beta2: 0.99`;
const cases: readonly Case[] = [
  { name: 'fedavg', strategy: 'fedavg' },
  { name: 'fedprox', strategy: 'fedprox, mu: 0.5', server: uniform },
  { name: 'scaffold', strategy: 'scaffold' },
  { name: 'scaffold-in-turns', strategy: 'scaffold, serverLearningRate: 0.7', server: inTurns },
  { name: 'fednova', strategy: 'fednova', server: uniform },
  { name: 'fednova-with-momentum', strategy: 'fednova', momentum: 0.8 },
  { name: 'fedavgm', strategy: 'fedavgm, momentum: 0.9' },
  { name: 'fedadagrad', strategy: `fedadagrad, ${adagrad}` },
  { name: 'fedadam', strategy: `fedadam, ${adaptive}` },
  { name: 'fedyogi', strategy: `fedyogi, ${adaptive}` },
];

describe('after three rounds, every weight is within 1e-4 of what another implementation makes of it', () => {
  it('of all that other implementations made', () => {
    expect(cases.map(({ name }) => name)).toEqual(Object.keys(figures));
  });

  it.each(cases)('$name', async ({ name, strategy, server, momentum }) => {
    const rounds = await recordRun({
      data: makeData(),
      spec: {
        model: common.model,
        client: common.client(momentum),
        strategy: `{ use: ${strategy} }`,
        server: common.server(server),
      },
    });
    const final = rounds.at(-1) ?? {};
    const expected = figures[name] ?? {};
    expect(Object.keys(final)).toEqual(Object.keys(expected));
    for (const [parameter, values] of Object.entries(expected)) {
      const ours = final[parameter]?.data ?? new Float32Array();
      expect(ours).toHaveLength(values.length);
      expect(Math.max(...values.map((value, i) => Math.abs(value - (ours[i] ?? Number.NaN))))).toBeLessThan(1e-4);
    }
  });
});
