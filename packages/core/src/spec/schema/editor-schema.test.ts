import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogueWith, never, none } from '../../../testing/minimal-spec.js';
import { isFedxError } from '../../errors/index.js';
import { defineModel, defineOptimizer, definePartitioner, defineStrategy } from '../../plugins/index.js';
import { parseSpec, resolveSpec } from '../resolve.js';
import { editorSchema } from './editor-schema.js';
import type { JsonSchema } from './json-schema.js';

const catalogue = catalogueWith(
  definePartitioner({
    name: 'even',
    options: {
      type: 'object',
      required: ['clients'],
      properties: { clients: { type: 'integer', minimum: 1 } },
    } as const,
    partition: never,
  }),
  defineModel({
    name: 'mlp',
    options: { type: 'object', description: 'Dense layers.', properties: { units: { type: 'integer' } } } as const,
    create: never,
  }),
  defineModel({ name: 'linear', options: { ...none, description: 'One layer.' }, create: never }),
  defineOptimizer({
    name: 'sgd',
    options: { type: 'object', required: ['rate'], properties: { rate: { type: 'number', minimum: 0 } } } as const,
    create: never,
  }),
  defineStrategy({
    name: 'fedavg',
    options: { type: 'object', properties: { mu: { type: 'number' } } } as const,
    create: never,
  }),
  defineStrategy({ name: 'open', options: { type: 'object', additionalProperties: true } as const, create: never }),
);

const whole = {
  apiVersion: 'fedx/v1',
  name: 'whole',
  seeds: { init: 4 },
  dataset: { use: 'digits' },
  partition: { use: 'even', clients: 3 },
  model: { use: 'mlp', units: 8 },
  client: { epochs: 2, optimizer: { use: 'sgd', rate: 0.5 } },
  strategy: { use: 'fedavg', mu: 1 },
  server: { rounds: 5, cohort: { use: 'all' } },
  controls: ['iid', { use: 'centralized', client: { optimizer: { use: 'sgd', rate: 1 } } }],
};

const schema = editorSchema(catalogue, []);
const accepts = new Ajv({
  strict: true,
  strictTypes: false,
  strictRequired: false,
  keywords: ['enumDescriptions', 'patternErrorMessage'],
}).compile(schema);

async function fedxAccepts(spec: unknown): Promise<boolean> {
  try {
    await resolveSpec(await parseSpec('spec.yaml', JSON.stringify(spec), []), catalogue);
    return true;
  } catch (error) {
    if (!isFedxError(error)) throw error;
    return false;
  }
}

/** The schema at a path of keywords. */
const at = (...keywords: (string | number)[]) =>
  keywords.reduce<unknown>((value, keyword) => Reflect.get(value as object, keyword), schema) as JsonSchema;

describe('editorSchema', () => {
  it('is well-formed draft-07', () => {
    expect(new Ajv().validateSchema(schema)).toBe(true);
  });

  it('holds the options of each plugin where that is chosen', () => {
    const { if: condition, then } = at('properties', 'partition', 'allOf', 0);
    expect(condition).toEqual({ type: 'object', properties: { use: { const: 'even' } }, required: ['use'] });
    expect(then).toMatchObject({
      additionalProperties: false,
      required: ['clients'],
      properties: { clients: { type: 'integer', minimum: 1 } },
    });
  });

  it('takes the default plugin where none is chosen', () => {
    const [fedavg] = at('properties', 'strategy').allOf ?? [];
    expect(fedavg?.if).toEqual({ type: 'object', properties: { use: { const: 'fedavg' } } });
    expect(accepts({ ...whole, strategy: { mu: 0.5 } })).toBe(true);
    expect(accepts({ ...whole, strategy: { mv: 0.5 } })).toBe(false);
  });

  it('asks nothing of an optimizer that is laid over another one, but knows its options', () => {
    const withOptimizer = (optimizer: object) => ({ ...whole, controls: [{ use: 'iid', client: { optimizer } }] });
    expect(accepts(withOptimizer({ use: 'sgd' }))).toBe(true);
    expect(accepts(withOptimizer({ use: 'sgd', rte: 1 }))).toBe(false);
    expect(accepts(withOptimizer({ rate: 1 }))).toBe(true);
    expect(accepts(withOptimizer({ rte: 1 }))).toBe(false);
  });

  it('says what each plugin does beside its name', () => {
    const { then } = at('allOf', 0) as { readonly then: JsonSchema };
    expect(then.properties?.model?.properties?.use).toEqual({
      enum: ['linear', 'mlp'],
      enumDescriptions: ['One layer.', 'Dense layers.'],
    });
    const { items } = then.properties?.controls as { readonly items: JsonSchema };
    expect(items.properties?.client?.properties?.optimizer?.properties?.use).toMatchObject({ enum: ['sgd'] });
  });

  it('knows all names only while the spec names no plugins but those it was made for', () => {
    const own = { ...whole, plugins: ['./mine.ts'], strategy: { use: 'mine', beta: 1 } };
    expect(accepts(own)).toBe(true);
    expect(accepts({ ...own, plugins: [] })).toBe(false);
    const made = new Ajv({ strict: false }).compile(editorSchema(catalogue, ['./mine.ts']));
    expect(made(own)).toBe(false);
    expect(made({ ...own, plugins: ['./mine.ts', './other.ts'] })).toBe(true);
  });

  it('asks for the keys of a whole spec, unless it extends another', () => {
    expect(accepts({ apiVersion: 'fedx/v1', name: 'short' })).toBe(false);
    expect(accepts({ apiVersion: 'fedx/v1', name: 'short', extends: './whole.yaml', seed: 3 })).toBe(true);
  });

  it('has no keyword of ours', () => {
    expect(JSON.stringify(schema)).not.toContain('"expected"');
  });

  it('judges a spec as fedx does, whatever one value becomes', async () => {
    const places = leaves(whole);
    const value = fc.oneof(fc.constantFrom(true, [], {}, '', 'open', 'sgd', -1, 0, 3, 1.5), fc.string());
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), value, async (place, changed) => {
        const spec = changeAt(whole, place, () => changed);
        expect({ spec, accepted: accepts(spec) }).toEqual({ spec, accepted: await fedxAccepts(spec) });
      }),
      { numRuns: 300 },
    );
  });

  it('refuses every key with a letter too many, as fedx does', async () => {
    for (const place of leaves(whole).filter((path) => Number.isNaN(Number(path.at(-1))))) {
      const key = place.at(-1) ?? '';
      const parent = place.slice(0, -1);
      const spec = changeAt(whole, parent, (mapping) => {
        const { [key]: kept, ...rest } = mapping as Record<string, unknown>;
        return { ...rest, [`${key}x`]: kept };
      });
      expect({ place, accepted: accepts(spec) }).toEqual({ place, accepted: false });
      expect(await fedxAccepts(spec)).toBe(false);
    }
  });
});

/** The paths of all keys and items. */
function leaves(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...leaves(inner, [...path, key])]);
}

function changeAt(value: unknown, [key, ...rest]: readonly string[], change: (before: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  const inner = changeAt(Reflect.get(value as object, key), rest, change);
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...(value as object), [key]: inner };
}
