import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { catalogueWith, never } from '../../testing/minimal-spec.js';
import type { FedxError } from '../errors/index.js';
import { defineDataset, defineModel, defineOptimizer, definePartitioner } from '../plugins/index.js';
import type { ExperimentSpec } from './experiment-spec.js';
import { parseSpec, resolveSpec } from './index.js';

const positive = { type: 'number', exclusiveMinimum: 0 } as const;
const catalogue = catalogueWith(
  defineDataset({
    name: 'digits',
    options: { type: 'object', properties: { split: { enum: ['pooled', 'standard'] } } } as const,
    load: never,
  }),
  definePartitioner({
    name: 'dirichlet',
    options: { type: 'object', properties: { clients: { type: 'integer', minimum: 1 }, alpha: positive } } as const,
    partition: never,
  }),
  defineModel({
    name: 'mlp',
    options: {
      type: 'object',
      properties: { hidden: { type: 'array', items: { type: 'integer' } }, activation: { type: 'string' } },
    } as const,
    create: never,
  }),
  defineOptimizer({
    name: 'sgd',
    options: { type: 'object', properties: { learningRate: positive, momentum: { type: 'number' } } } as const,
    create: never,
  }),
  defineOptimizer({
    name: 'adam',
    options: { type: 'object', properties: { stepSize: positive } } as const,
    create: never,
  }),
);

/** A spec with every key whose name can be misspelt. */
const complete = {
  apiVersion: 'fedx/v1',
  name: 'complete',
  seed: 1,
  seeds: { data: 1, partition: 2, init: 3, cohort: 4, batches: 5 },
  plugins: [],
  dataset: { use: 'digits', split: 'pooled' },
  partition: { use: 'dirichlet', clients: 10, alpha: 0.5 },
  holdout: { test: 0.2, validation: 0.1 },
  model: { use: 'mlp', hidden: [8, 4], activation: 'relu' },
  client: {
    epochs: 1,
    batchSize: 32,
    lastBatch: 'keep',
    optimizer: { use: 'sgd', learningRate: 0.1, momentum: 0.9 },
    optimizerState: 'reset',
  },
  strategy: { use: 'fedavg' },
  server: { rounds: 3, cohort: { use: 'all' } },
  controls: [{ use: 'centralized', name: 'union', epochs: 2, client: { epochs: 3 } }],
  evaluate: { every: 1 },
  engine: { use: 'auto' },
  executor: { use: 'worker-pool', workers: 2 },
  expect: [{ arm: 'federated', metric: 'test/accuracy', at: 'last', within: [0, 1] }],
};

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Path = readonly string[];

/** Every key, by the path that leads to it. */
function keyPaths(value: Json, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]: [string, Json]) => {
    const here = [...path, key];
    return [...(Array.isArray(value) ? [] : [here]), ...keyPaths(item, here)];
  });
}

/** `value` with what lies at `path` changed by `change`, which sees the collection and the last step. */
function changed(value: Json, [step = '', ...rest]: Path, change: (target: Json, step: string) => Json): Json {
  if (rest.length === 0) return change(value, step);
  if (Array.isArray(value))
    return value.map((item: Json, index) => (String(index) === step ? changed(item, rest, change) : item));
  const mapping = value as Record<string, Json>;
  return { ...mapping, [step]: changed(mapping[step] ?? null, rest, change) };
}

const rename =
  (to: string) =>
  (target: Json, step: string): Json =>
    Object.fromEntries(
      Object.entries(target ?? {}).map(([key, item]: [string, Json]) => [key === step ? to : key, item]),
    );

const put =
  (item: Json) =>
  (target: Json, step: string): Json =>
    Array.isArray(target) ? target.with(Number(step), item) : { ...(target as object), [step]: item };

async function resolve(text: string, ...overrides: readonly string[]): Promise<ExperimentSpec> {
  return resolveSpec(await parseSpec('spec.yaml', text, overrides, {}), catalogue);
}

async function refused(text: string): Promise<FedxError['diagnostics']> {
  const error: unknown = await resolve(text).catch((cause: unknown) => cause);
  return (error as FedxError).diagnostics;
}

const letter = fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz'));

/** `name` with one letter left out, one more, another one, or two that changed places. */
const typoOf = (name: string) =>
  fc
    .tuple(fc.nat({ max: name.length - 1 }), letter, fc.constantFrom('drop', 'insert', 'replace', 'swap'))
    .map(([at, other, kind]) => {
      const [before, after] = [name.slice(0, at), name.slice(at + 1)];
      if (kind === 'drop') return before + after;
      if (kind === 'insert') return before + other + name.slice(at);
      if (kind === 'replace') return before + other + after;
      return before + after.slice(0, 1) + name.charAt(at) + after.slice(1);
    })
    .filter((typo) => typo !== name && typo !== '');

describe('one misspelt key anywhere in a spec', () => {
  const paths = keyPaths(complete);
  const typos = fc.constantFrom(...paths).chain((path) => typoOf(path.at(-1) ?? '').map((typo) => ({ path, typo })));

  it('is found at its place, and the name that was meant is offered', async () => {
    await fc.assert(
      fc.asyncProperty(typos, async ({ path, typo }) => {
        const name = path.at(-1) ?? '';
        const siblings = path
          .slice(0, -1)
          .reduce<object>((value, step) => Reflect.get(value, step) as object, complete);
        // With `at` for `arm`, or `test` for `tests`, the typo is another key and no typo any more.
        fc.pre(!Object.hasOwn(siblings, typo));
        const text = stringify(changed(complete, path, rename(typo)));
        const diagnostics = await refused(text);
        const found = diagnostics.find(
          ({ message }) => message.startsWith('Unknown ') && message.includes(JSON.stringify(typo)),
        );
        expect(found, `${path.join('.')} as ${typo}`).toBeDefined();
        const line = text.split('\n')[(found?.start.line ?? 0) - 1] ?? '';
        expect(line.slice((found?.start.column ?? 0) - 1).startsWith(typo) || line.includes(`"${typo}"`)).toBe(true);
        const [, offered] = /^Did you mean (\S+)\?/.exec(found?.hint ?? '') ?? [];
        expect([name, ...equallyNear(typo, name, siblings)], `${path.join('.')} as ${typo}`).toContain(offered);
      }),
      { numRuns: 500 },
    );
  });

  /** Other keys of the same mapping that are as near to the typo as the one that was meant: `at` and `arm` for `a`. */
  function equallyNear(typo: string, meant: string, siblings: object): readonly string[] {
    return Object.keys(siblings).filter((key) => edits(typo, key) <= edits(typo, meant));
  }
});

/** Letters to drop, insert, replace or swap with the next to make `b` of `a` (optimal string alignment). */
function edits(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...new Array<number>(b.length).fill(0)]);
  rows[0] = Array.from({ length: b.length + 1 }, (_, j) => j);
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? at(i - 2, j - 2) + 1
          : Number.POSITIVE_INFINITY;
      const row = rows[i];
      if (row !== undefined) row[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same, swapped);
    }
  }
  return at(a.length, b.length);
}

describe('arguments', () => {
  /** Good values for places of the spec. */
  const edit = fc.oneof(
    ...(
      [
        ['seed', fc.nat()],
        ['name', fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,20}$/)],
        ['seeds', fc.constant({ data: 9 })],
        ['seeds.init', fc.nat()],
        ['partition.alpha', fc.double({ min: 1e-6, max: 1e6, noNaN: true })],
        ['holdout', fc.constant({ test: 0.3 })],
        ['model.hidden', fc.array(fc.nat({ max: 1000 }))],
        ['model.hidden.1', fc.nat({ max: 1000 })],
        ['model.activation', fc.string()],
        ['client.batchSize', fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant('all'))],
        ['client.optimizer', fc.constant({ use: 'adam', stepSize: 0.1 })],
        ['server', fc.record({ rounds: fc.integer({ min: 1, max: 100 }) })],
        ['controls', fc.constantFrom([], ['iid'], [{ use: 'iid', name: 'other' }])],
        ['controls.0.client', fc.constant({ batchSize: 5 })],
        ['controls.0.client.epochs', fc.integer({ min: 1, max: 9 })],
        ['expect.0.within', fc.constant([0.5, 0.75])],
      ] as const
    ).map(([path, value]) => fc.tuple(fc.constant(path), value as fc.Arbitrary<Json>)),
  );

  it('do what the same edits of the file do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(edit, { maxLength: 4, selector: ([path]) => path.split('.')[0] }),
        async (edits) => {
          const edited = edits.reduce<Json>(
            (spec, [path, value]) => changed(spec, path.split('.'), put(value)),
            complete,
          );
          const args = edits.map(([path, value]) => `${path}=${JSON.stringify(value)}`);
          expect(await resolve(stringify(complete), ...args)).toEqual(await resolve(stringify(edited)));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('that choose another plugin do what an edit does that takes the old options away', async () => {
    const edited = { ...complete, client: { ...complete.client, optimizer: { use: 'adam', stepSize: 0.2 } } };
    const args = ['client.optimizer.use=adam', 'client.optimizer.stepSize=0.2'];
    expect(await resolve(stringify(complete), ...args)).toEqual(await resolve(stringify(edited)));
    expect(await resolve(stringify(complete), ...args.toReversed())).toEqual(await resolve(stringify(edited)));
  });

  it('that add do what arguments do that set, where nothing is there', async () => {
    const { seed: _, seeds: __, evaluate: ___, ...bare } = complete;
    const args = ['seed=4', 'seeds.init=5', 'evaluate.every=6'];
    expect(await resolve(stringify(bare), ...args.map((arg) => `+${arg}`))).toEqual(
      await resolve(stringify(bare), ...args),
    );
  });
});

describe('a spec in two files', () => {
  it('is the spec that it would be in one, however it is cut', async () => {
    const paths = keyPaths(complete).filter((path) => !path.some((step) => /^\d+$/.test(step)) && path.length <= 2);
    const folder = await mkdtemp(join(tmpdir(), 'fedx-cut-'));
    const whole = await resolve(stringify(complete));
    try {
      await fc.assert(
        fc.asyncProperty(fc.subarray([...paths]), async (moved) => {
          // What moves to the base is gone from the file; a slot's `use` stays in both, as it belongs to its options.
          const keep = (path: Path) =>
            path.at(-1) === 'use' || !moved.some((other) => other.join('.') === path.join('.'));
          const pick = (wanted: (path: Path) => boolean, value: Json = complete, path: Path = []): Json => {
            const entries = Object.entries(value ?? {}).flatMap(([key, item]: [string, Json]) => {
              const here = [...path, key];
              const isInner = here.length < 2 && typeof item === 'object' && !Array.isArray(item);
              return isInner ? [[key, pick(wanted, item, here)]] : wanted(here) ? [[key, item]] : [];
            });
            return Object.fromEntries(entries) as Json;
          };
          const base = pick((path) => path.at(-1) === 'use' || !keep(path));
          await writeFile(join(folder, 'base.yaml'), stringify(base));
          const text = stringify({ extends: './base.yaml', ...(pick(keep) as object) });
          const parsed = await parseSpec(join(folder, 'spec.yaml'), text, [], {});
          expect(await resolveSpec(parsed, catalogue)).toEqual(whole);
        }),
        { numRuns: 100 },
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
