import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimal, resolve } from '../../testing/minimal-spec.js';
import { hashSpec, printSpec } from './print.js';

describe('a printed spec', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,20}$/);
  const share = fc.double({ min: 0.01, max: 0.4, noNaN: true });
  const positive = fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true });
  const sgd = fc.record({ use: fc.constant('sgd'), learningRate: positive }, { requiredKeys: ['use', 'learningRate'] });
  const adam = fc.record({ use: fc.constant('adam'), learningRate: positive }, { requiredKeys: ['use'] });
  const client = {
    epochs: fc.integer({ min: 1, max: 10_000 }),
    batchSize: fc.oneof(fc.integer({ min: 1, max: 65_536 }), fc.constant('all')),
    lastBatch: fc.constantFrom('keep', 'drop'),
  };
  const overlay = fc.record({ ...client, optimizer: adam }, { requiredKeys: [] });
  const controls = fc.constantFrom('iid', 'centralized', 'local-only').chain((use) =>
    fc.record(
      {
        use: fc.constant(use),
        client: overlay,
        ...(use === 'centralized' && { epochs: fc.integer({ min: 1, max: 1000 }) }),
      },
      { requiredKeys: ['use'] },
    ),
  );
  const note = fc.oneof(
    fc.string(),
    fc.constantFrom('yes', 'null', '1e3', '<<', '*a', '# x', '\n a\n', '0x1f', '2001-01-01'),
  );
  const open = fc.dictionary(
    fc.oneof(fc.string(), fc.constantFrom('<<', '~', 'true', '')).filter((key) => !['use', 'mu', 'note'].includes(key)),
    fc.oneof(note, positive, fc.boolean()),
  );
  const specs = fc.record(
    {
      apiVersion: fc.constant('fedx/v1'),
      name,
      seed: fc.maxSafeNat(),
      seeds: fc.record({ partition: fc.maxSafeNat(), init: fc.maxSafeNat() }, { requiredKeys: [] }),
      dataset: fc.record({ use: fc.constant('digits') }),
      partition: fc.record({ use: fc.constant('iid'), clients: fc.integer({ min: 1 }) }),
      holdout: fc.record({ test: share, validation: share }, { requiredKeys: [] }),
      model: fc.record({ use: fc.constant('mlp'), hidden: fc.array(fc.integer()) }, { requiredKeys: ['use'] }),
      client: fc.record({ ...client, optimizer: sgd }, { requiredKeys: ['optimizer'] }),
      strategy: fc
        .record(
          { use: fc.constant('open'), mu: fc.double({ noNaN: true, noDefaultInfinity: true }), note },
          { requiredKeys: ['use'] },
        )
        .chain((strategy) => open.map((options) => ({ ...options, ...strategy }))),
      server: fc.record(
        { rounds: fc.integer({ min: 1, max: 1_000_000 }), cohort: fc.constant({ use: 'fraction' }) },
        { requiredKeys: ['rounds'] },
      ),
      controls: fc.uniqueArray(controls, { selector: ({ use }) => use }),
      expect: fc.array(
        fc.record({
          arm: fc.constant('federated'),
          metric: fc.constant('test/loss'),
          within: share.map((low) => [low, 1]),
        }),
      ),
    },
    { requiredKeys: ['apiVersion', 'name', 'dataset', 'partition', 'model', 'client', 'server'] },
  );

  it('resolves to the same spec, with the same hash', async () => {
    await fc.assert(
      fc.asyncProperty(specs, async (written) => {
        // JSON is YAML, but for integers past 2^53, which a spec writes with an exponent.
        const json = JSON.stringify(written, (_, value: unknown) =>
          typeof value === 'number' && Math.abs(value) > 2 ** 53 ? 1 : value,
        );
        const spec = await resolve(json);
        const again = await resolve(printSpec(spec));
        expect(again).toEqual(spec);
        expect(hashSpec(again)).toBe(hashSpec(spec));
      }),
      { numRuns: 200 },
    );
  });

  it('writes very large numbers so that they can be read again', async () => {
    const spec = await resolve(minimal, 'strategy={use: open, mu: 1e300, note: "1e300"}');
    expect(printSpec(spec)).toContain('mu: 1e+300\n  note: "1e300"\n');
    expect((await resolve(printSpec(spec))).strategy).toEqual({ use: 'open', mu: 1e300, note: '1e300' });
  });

  it('takes an address of a server for tracking, but none that holds credentials', async () => {
    expect((await resolve(minimal, 'tracking.mlflow=https://host:5000/path')).tracking.mlflow).toBe(
      'https://host:5000/path',
    );
    for (const wrong of ['http://ada:secret@host', 'http://host?token=secret', 'sqlite:///mlflow.db', 'on']) {
      await expect(resolve(minimal, `tracking.mlflow="${wrong}"`)).rejects.toMatchObject({ code: 'FEDX_SPEC_INVALID' });
    }
  });

  it('is hashed by what decides its results, however it is written', async () => {
    const hash = hashSpec(await resolve(minimal));
    const reordered = minimal
      .split('\n')
      .toReversed()
      .join('\n')
      .replace(/ {2}optimizer.*\nclient:/, 'client: { optimizer: { learningRate: 0.1, use: sgd } }');
    expect(hashSpec(await resolve(reordered))).toBe(hash);
    expect(
      hashSpec(
        await resolve(minimal, 'name=other', 'executor.workers=7', 'tracking.mlflow=off', 'server.maxSeconds=9'),
      ),
    ).toBe(hash);
    expect(hashSpec(await resolve(minimal, 'seed=2'))).not.toBe(hash);
    expect(hashSpec(await resolve(minimal, 'client.optimizer.momentum=0.1'))).not.toBe(hash);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });
});
