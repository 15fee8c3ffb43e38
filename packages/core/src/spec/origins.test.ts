import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogueWith, never } from '../../testing/minimal-spec.js';
import { defineDataset, defineModel, defineOptimizer } from '../plugins/index.js';
import { explainSpec, parseSpec, resolveSpec } from './index.js';

const optimizer = (name: string) =>
  defineOptimizer({
    name,
    options: {
      type: 'object',
      properties: { learningRate: { type: 'number', default: 0.1 }, momentum: { type: 'number', default: 0 } },
    } as const,
    create: never,
  });
const catalogue = catalogueWith(
  defineDataset({
    name: 'digits',
    options: { type: 'object', properties: { path: { type: 'string', format: 'path' } } } as const,
    load: never,
  }),
  defineModel({
    name: 'mlp',
    options: {
      type: 'object',
      properties: { hidden: { type: 'array', items: { type: 'integer' }, default: [5] } },
    } as const,
    create: never,
  }),
  optimizer('sgd'),
  optimizer('adam'),
);

const base = `apiVersion: fedx/v1
name: explained
dataset: { use: digits, path: ./data }
partition: { use: iid }
model: { use: mlp }
client:
  optimizer: { use: sgd, momentum: 0.5 }
server: { rounds: 3 }
`;
const spec = `extends: ./base.yaml
name: "run-\${env:WHO}"
controls:
  - iid
  - { use: centralized, name: union, epochs: 2, client: { batchSize: all, optimizer: { use: adam } } }
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-origins-'));
  await writeFile(join(folder, 'base.yaml'), base);
});
afterAll(() => rm(folder, { recursive: true }));

async function explain(...overrides: readonly string[]) {
  const parsed = await parseSpec(join(folder, 'spec.yaml'), spec, overrides, { environment: { WHO: 'ada' } });
  const resolved = await resolveSpec(parsed, catalogue);
  const values = explainSpec(resolved, parsed);
  return { resolved, values, at: (path: string) => values.find((value) => value.path === path) };
}

const file = (name: string, line: number, column: number) => ({ kind: 'file', file: join(folder, name), line, column });

/** The column of a piece of the last line of the spec. */
const columnOf = (piece: string) => (spec.split('\n')[4]?.indexOf(piece) ?? 0) + 1;

describe('an explained spec', () => {
  it('says of each value which file and line it comes from, the base or the file laid over it', async () => {
    const { at } = await explain();
    expect(at('server.rounds')).toEqual({ path: 'server.rounds', value: 3, origin: file('base.yaml', 8, 19) });
    expect(at('name')).toEqual({
      path: 'name',
      value: 'run-ada',
      origin: { ...file('spec.yaml', 2, 7), variables: ['WHO'] },
    });
    expect(at('controls.1.epochs')?.origin).toEqual(file('spec.yaml', 5, columnOf('2, client')));
  });

  it('says which argument a value comes from, and where in it', async () => {
    const { at } = await explain('client.optimizer={use: adam, learningRate: 3}', 'model.hidden=[7, 8]');
    expect(at('client.optimizer.learningRate')?.origin).toEqual({
      kind: 'argument',
      argument: 'client.optimizer={use: adam, learningRate: 3}',
      column: 44,
    });
    expect(at('model.hidden.1')).toMatchObject({ value: 8, origin: { kind: 'argument', column: 18 } });
  });

  it('says whose default a value is', async () => {
    const { at } = await explain();
    expect(at('seed')?.origin).toEqual({ kind: 'default', of: 'the spec' });
    expect(at('holdout.test')?.origin).toEqual({ kind: 'default', of: 'the spec' });
    expect(at('strategy.use')?.origin).toEqual({ kind: 'default', of: 'the spec' });
    expect(at('client.optimizer.learningRate')?.origin).toEqual({ kind: 'default', of: 'the optimizer sgd' });
    expect(at('model.hidden.0')?.origin).toEqual({ kind: 'default', of: 'the model mlp' });
  });

  it('says what a control takes over from the federated run', async () => {
    const { at } = await explain('client.epochs=4');
    expect(at('controls.0.name')?.origin).toEqual(file('spec.yaml', 4, 5));
    expect(at('controls.0.client.epochs')).toMatchObject({
      value: 4,
      origin: { kind: 'argument', from: 'client.epochs' },
    });
    expect(at('controls.0.client.optimizer.momentum')?.origin).toEqual({
      ...file('base.yaml', 7, 36),
      from: 'client.optimizer.momentum',
    });
    expect(at('controls.1.client.batchSize')?.origin).toEqual(file('spec.yaml', 5, columnOf('all')));
    expect(at('controls.1.client.optimizer.momentum')).toMatchObject({
      value: 0,
      origin: { kind: 'default', of: 'the optimizer adam' },
    });
    expect(at('controls.1.match')?.origin).toEqual({ kind: 'default', of: 'the spec' });
  });

  it('leaves no value out', async () => {
    const { resolved, values } = await explain();
    const count = (value: unknown): number =>
      typeof value !== 'object' || value === null || Object.keys(value).length === 0
        ? 1
        : Object.values(value).reduce((sum: number, item) => sum + count(item), 0);
    expect(values).toHaveLength(count(resolved));
  });
});
