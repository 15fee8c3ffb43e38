/** Walks the options of every plugin that ships, from their schemas: what lies outside is refused with its place. */
import { createHost, type Plugin } from '@fedx/core/host';
import { describe, expect, it } from 'vitest';
import { loadBuiltIns } from './built-ins.js';

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly slot?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly const?: unknown;
  /** What an option's value asks of the others. */
  readonly allOf?: readonly { readonly if: Schema; readonly then: Schema }[];
  /** Options that another one needs beside it. */
  readonly dependencies?: Readonly<Record<string, readonly string[]>>;
}

/** Where a plugin of a kind is chosen. */
const slots: Readonly<Record<string, readonly string[]>> = {
  dataset: ['dataset'],
  partitioner: ['partition'],
  model: ['model'],
  optimizer: ['client', 'optimizer'],
  schedule: ['client', 'schedule'],
  strategy: ['strategy'],
  sampler: ['server', 'cohort'],
  attack: ['environment', 'attackers', 'attack'],
  transform: ['transforms', '0'],
  metric: ['evaluate', 'metrics', '0'],
};

const iid = { use: 'iid', clients: 5 };
/** JSON has no NaN; YAML writes it `.nan`. */
const NOT_A_NUMBER = 'not-a-number';

const builtIns = await loadBuiltIns();
const host = createHost({ plugins: builtIns });
const plugins = builtIns.map(({ plugin }) => plugin);

/** What refuses a spec, whose last line holds the slot. */
async function refusalOf(plugin: Plugin, options: Readonly<Record<string, unknown>>): Promise<unknown> {
  const path = slots[plugin.kind] ?? [];
  const key = path.at(-1) === '0' ? path.slice(0, -1) : path;
  const slot = { use: plugin.name, ...options };
  const spec = {
    apiVersion: 'fedx/v1',
    name: 'ranges',
    dataset: { use: 'mnist' },
    partition: iid,
    model: { use: 'mlp' },
    client: { optimizer: { use: 'sgd', learningRate: 0.1 }, schedule: { use: 'constant' } },
    strategy: { use: 'fedavg' },
    transforms: [],
    environment: { attackers: { share: 0.1, attack: { use: 'sign-flip' } } },
    evaluate: { metrics: [] },
    server: { rounds: 1, cohort: { use: 'all' } },
  };
  const text = JSON.stringify(replaced(spec, key, path === key ? slot : [slot]));
  return host
    .validate({ file: 'ranges.yaml', overrides: [], text: text.replaceAll(`"${NOT_A_NUMBER}"`, '.nan') })
    .then(() => undefined)
    .catch((error: unknown) => error);
}

function replaced(data: unknown, [first, ...rest]: readonly string[], value: unknown): unknown {
  if (first === undefined) return value;
  const record = data as Readonly<Record<string, unknown>>;
  return { ...record, [first]: replaced(record[first], rest, value) };
}

/** A value that a schema allows. */
function allowed(schema: Schema): unknown {
  if (schema.slot !== undefined) return iid;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.type === 'integer' || schema.type === 'number') return within(schema)[0] ?? 1;
  if (schema.type === 'boolean') return true;
  if (schema.type === 'array')
    return Array.from({ length: schema.minItems ?? 0 }, () => allowed(schema.items ?? { type: 'string' }));
  if (schema.type === 'object') return leastOptions(schema);
  return './some-file';
}

/** Values for all that must be given; where there is a choice, for the one with `wanted`. */
function leastOptions(schema: Schema, wanted = ''): Readonly<Record<string, unknown>> {
  const { properties = {}, required = [], oneOf = [], allOf = [], dependencies = {} } = schema;
  const branch = oneOf.find((one) => one.required?.includes(wanted)) ?? oneOf[0];
  const condition = allOf.find(({ then }) => then.required?.includes(wanted)) ?? allOf[0];
  const names = [
    ...required,
    ...(branch?.required ?? []),
    ...(condition?.then.required ?? []),
    ...(dependencies[wanted] ?? []),
  ];
  const values = names.map((name) => [name, allowed({ ...properties[name], default: undefined })] as const);
  const met = Object.entries(condition?.if.properties ?? {}).map(([name, one]) => [name, one.const] as const);
  return Object.fromEntries([...values, ...met]);
}

const isInteger = ({ type }: Schema) => type === 'integer';

/** The ends of a range. */
function within(schema: Schema): readonly number[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const inside = isInteger(schema) ? 1 : 1e-9;
  return [
    ...(minimum === undefined ? [] : [minimum]),
    ...(exclusiveMinimum === undefined ? [] : [exclusiveMinimum + inside]),
    ...(maximum === undefined ? [] : [maximum]),
    ...(exclusiveMaximum === undefined ? [] : [exclusiveMaximum - inside]),
  ];
}

/** What lies just outside of a range, and what is no number. */
function outside(schema: Schema): readonly unknown[] {
  if (schema.enum !== undefined) return ['no-such-value', 7];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const step = isInteger(schema) ? 1 : 1e-6;
  return [
    NOT_A_NUMBER,
    'some text',
    [],
    ...(isInteger(schema) ? [(minimum ?? 0) + 0.5] : []),
    ...(minimum === undefined ? [] : [minimum - step]),
    ...(maximum === undefined ? [] : [maximum + Math.max(step, maximum * 2 ** -52)]),
    ...(exclusiveMinimum === undefined ? [] : [exclusiveMinimum]),
    ...(exclusiveMaximum === undefined ? [] : [exclusiveMaximum]),
  ];
}

const isRanged = ({ type, enum: values }: Schema) => type === 'integer' || type === 'number' || values !== undefined;

const invalid = (named: string) =>
  expect.objectContaining({
    code: 'FEDX_SPEC_INVALID',
    message: expect.stringContaining(named) as string,
    place: expect.objectContaining({ file: 'ranges.yaml', line: 1, column: expect.any(Number) as number }) as object,
  }) as unknown;

describe('the options of what ships', () => {
  it('have ranges to walk in every kind of plugin but those without numbers', () => {
    const ranged = plugins.filter(({ options }) => Object.values((options as Schema).properties ?? {}).some(isRanged));
    expect(new Set(ranged.map(({ kind }) => kind))).toEqual(new Set(Object.keys(slots)));
    expect(ranged.length).toBeGreaterThan(40);
  });

  it.each(plugins)('of the $kind $name are refused outside of their ranges, with their place', async (plugin) => {
    const schema = plugin.options as Schema;
    expect(await refusalOf(plugin, { ...leastOptions(schema), 'no-such-option': 1 })).toEqual(
      invalid('no-such-option'),
    );
    for (const [name, option] of Object.entries(schema.properties ?? {}).filter(([, one]) => isRanged(one))) {
      const others = leastOptions(schema, name);
      for (const value of within(option))
        expect(await refusalOf(plugin, { ...others, [name]: value }), `${name}: ${value}`).toBeUndefined();
      for (const value of outside(option))
        expect(await refusalOf(plugin, { ...others, [name]: value }), `${name}: ${String(value)}`).toEqual(
          invalid(name),
        );
    }
  });
});
