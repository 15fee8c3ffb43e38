/** A small spec and the plugins that it names, for the tests of what becomes of specs. */
import type { Plugin } from '../src/contracts/index.js';
import {
  type Catalogue,
  createCatalogue,
  defineDataset,
  defineModel,
  defineOptimizer,
  definePartitioner,
  defineSampler,
  defineSchedule,
  defineStrategy,
} from '../src/plugins/index.js';
import { type ExperimentSpec, parseSpec, resolveSpec } from '../src/spec/index.js';

/** Options are all that a spec sees of a plugin; nothing here ever runs. */
export const never = (): never => {
  throw new TypeError('validation runs no plugin');
};
/** Options of a plugin that has none. */
export const none = { type: 'object' } as const;
const rate = { type: 'number', exclusiveMinimum: 0 } as const;

/** A plugin of each kind that every spec needs, without options. */
const bare: readonly Plugin[] = [
  defineDataset({ name: 'digits', options: none, load: never }),
  definePartitioner({ name: 'iid', options: none, partition: never }),
  defineModel({ name: 'mlp', options: none, create: never }),
  defineOptimizer({ name: 'sgd', options: none, create: never }),
  defineSchedule({ name: 'constant', options: none, create: never }),
  defineStrategy({ name: 'fedavg', options: none, create: never }),
  defineSampler({ name: 'all', options: none, sample: never }),
];

/** A catalogue of `own` plugins, and of bare ones where they have none of that kind and name. */
export function catalogueWith(...own: readonly Plugin[]): Catalogue {
  const isOwn = ({ kind, name }: Plugin): boolean => own.some((plugin) => plugin.kind === kind && plugin.name === name);
  return createCatalogue([...bare.filter((plugin) => !isOwn(plugin)), ...own]);
}

/** The plugins that {@link minimal} and its variations name. */
export const catalogue = catalogueWith(
  defineDataset({
    name: 'digits',
    options: { type: 'object', properties: { split: { enum: ['pooled', 'standard'], default: 'pooled' } } } as const,
    load: never,
  }),
  definePartitioner({
    name: 'iid',
    options: {
      type: 'object',
      properties: { clients: { type: 'integer', minimum: 1 } },
      required: ['clients'],
    } as const,
    partition: never,
  }),
  defineModel({
    name: 'mlp',
    options: {
      type: 'object',
      properties: { hidden: { type: 'array', items: { type: 'integer' }, default: [10] } },
    } as const,
    create: never,
  }),
  defineOptimizer({
    name: 'sgd',
    options: {
      type: 'object',
      properties: { learningRate: rate, momentum: { type: 'number', default: 0 } },
      required: ['learningRate'],
    } as const,
    create: never,
  }),
  defineOptimizer({
    name: 'adam',
    options: { type: 'object', properties: { learningRate: { ...rate, default: 0.001 } } } as const,
    create: never,
  }),
  defineStrategy({
    name: 'open',
    options: {
      type: 'object',
      additionalProperties: true,
      properties: { mu: { type: 'number' }, note: { type: 'string' } },
    } as const,
    create: never,
  }),
  defineSampler({
    name: 'fraction',
    options: { type: 'object', properties: { of: { type: 'number', default: 0.1 } } } as const,
    sample: never,
  }),
);

/** The least that a spec says. */
export const minimal = `apiVersion: fedx/v1
name: minimal
dataset: { use: digits }
partition: { use: iid, clients: 10 }
model: { use: mlp }
client:
  optimizer: { use: sgd, learningRate: 0.1 }
server: { rounds: 3 }
`;

export async function resolve(text: string, ...overrides: readonly string[]): Promise<ExperimentSpec> {
  return resolveSpec(await parseSpec('spec.yaml', text, overrides), catalogue);
}

/** The messages of all diagnostics. */
export async function refusal(text: string, ...overrides: readonly string[]): Promise<readonly string[]> {
  const error: unknown = await resolve(text, ...overrides).catch((cause: unknown) => cause);
  const diagnostics: unknown = Reflect.get(Object(error), 'diagnostics');
  return Array.isArray(diagnostics) ? diagnostics.map(({ message }: { message: string }) => message) : [];
}
