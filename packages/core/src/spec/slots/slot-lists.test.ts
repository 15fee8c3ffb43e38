import { describe, expect, it } from 'vitest';
import { catalogueWith, never } from '../../../testing/minimal-spec.js';
import { defineAttack, defineTransform } from '../../plugins/index.js';
import type { ExperimentSpec } from '../experiment-spec.js';
import { explainSpec } from '../origins.js';
import { printSpec } from '../print.js';
import { parseSpec, resolveSpec } from '../resolve.js';

const number = { type: 'number' } as const;

const catalogue = catalogueWith(
  defineTransform({
    name: 'clip',
    options: { type: 'object', properties: { norm: number, soft: { type: 'boolean', default: false } } } as const,
    create: never,
  }),
  defineTransform({
    name: 'noise',
    options: { type: 'object', required: ['noise'], properties: { noise: number } } as const,
    create: never,
  }),
  defineAttack({
    name: 'flip',
    options: { type: 'object', properties: { factor: { type: 'number', default: 1 } } } as const,
    create: never,
  }),
);

const minimal = `apiVersion: fedx/v1
name: lists
dataset: { use: digits }
partition: { use: iid }
model: { use: mlp }
client: { optimizer: { use: sgd } }
server: { rounds: 3 }
transforms:
  - { use: clip, norm: 2 }
  - { use: noise, noise: 1 }
environment: { attackers: { clients: [3], attack: { use: flip } } }
`;

async function resolve(text: string, ...overrides: readonly string[]): Promise<ExperimentSpec> {
  return resolveSpec(await parseSpec('spec.yaml', text, overrides), catalogue);
}

/** Path and message of each diagnostic. */
async function refusal(...overrides: readonly string[]): Promise<readonly unknown[]> {
  const error: unknown = await resolve(minimal, ...overrides).catch((cause: unknown) => cause);
  const { diagnostics = [] } = error as { diagnostics?: readonly { path: string; message: string }[] };
  return diagnostics.map(({ path, message }) => [path, message]);
}

describe('a list of slots', () => {
  it('has every entry resolved against its own plugin', async () => {
    const spec = await resolve(minimal);
    expect(spec.transforms).toEqual([
      { use: 'clip', norm: 2, soft: false },
      { use: 'noise', noise: 1 },
    ]);
    expect(spec.environment).toEqual({ attackers: { clients: [3], attack: { use: 'flip', factor: 1 } } });
  });

  it('prints as it was resolved', async () => {
    const spec = await resolve(minimal);
    expect(await resolve(printSpec(spec))).toEqual(spec);
  });

  it('takes overrides of its entries: another plugin drops the options of the old one', async () => {
    expect((await resolve(minimal, 'transforms.0.norm=3')).transforms[0]).toMatchObject({ use: 'clip', norm: 3 });
    expect((await resolve(minimal, 'transforms.0.use=noise', 'transforms.0.noise=4')).transforms[0]).toEqual({
      use: 'noise',
      noise: 4,
    });
    const more = await resolve(minimal, '+transforms.2={ use: clip }');
    expect(more.transforms.map(({ use }) => use)).toEqual(['clip', 'noise', 'clip']);
  });

  it('says of every option where it comes from', async () => {
    const spec = await resolve(minimal);
    const values = explainSpec(spec, await parseSpec('spec.yaml', minimal, []));
    const origin = (wanted: string) => values.find(({ path }) => path === wanted)?.origin;
    expect(origin('transforms.0.norm')).toMatchObject({ kind: 'file', line: 9 });
    expect(origin('transforms.0.soft')).toEqual({ kind: 'default', of: 'the transform clip' });
    expect(origin('environment.attackers.attack.factor')).toEqual({ kind: 'default', of: 'the attack flip' });
  });

  it.each([
    ['transforms.1.noise=text', 'transforms.1.noise', 'must be a number'],
    ['transforms.1={ use: noise }', 'transforms.1.noise', 'needs noise'],
    ['transforms.0.nrom=1', 'transforms.0.nrom', 'Unknown option'],
    ['transforms.1.use=nosie', 'transforms.1.use', 'Unknown transform'],
    ['transforms=[clip]', 'transforms.0', 'must be a mapping with use'],
    ['transforms={ use: clip }', 'transforms', 'must be a list'],
    ['environment.attackers.attack.use=clip', 'environment.attackers.attack.use', 'Unknown attack'],
    ['environment.attackers={ clients: [1] }', 'environment.attackers.attack', 'needs attack'],
    ['environment.attackers.share=0.5', 'environment.attackers', 'takes share or clients, not both'],
    ['environment.attackers={ attack: { use: flip } }', 'environment.attackers', 'needs share or clients'],
    ['environment.attackers=3', 'environment.attackers', 'with attack, and either share or clients, got 3'],
    ['environment.stragglers={ share: 1.5 }', 'environment.stragglers.share', 'from 0 to 1'],
    ['environment.stragglers={ share: 1, work: 0 }', 'environment.stragglers.work', 'uniform-epochs'],
    ['environment.dropouts={ probability: 1 }', 'environment.dropouts.probability', 'below 1'],
  ])('is refused at its place: %s', async (override, path, message) => {
    expect(await refusal(override)).toEqual([[path, expect.stringContaining(message)]]);
  });
});
