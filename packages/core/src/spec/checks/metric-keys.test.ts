import { describe, expect, it } from 'vitest';
import { catalogueWith, never, none } from '../../../testing/minimal-spec.js';
import { defineMetric } from '../../plugins/index.js';
import type { ExperimentSpec } from '../experiment-spec.js';
import { explainSpec } from '../origins.js';
import { parseSpec, resolveSpec } from '../resolve.js';

const bins = { type: 'object', properties: { bins: { type: 'integer', default: 15 } } } as const;

const catalogue = catalogueWith(
  defineMetric({ name: 'macro-f1', options: none, create: never }),
  defineMetric({ name: 'calibration', options: bins, create: never }),
);

const text = `apiVersion: fedx/v1
name: metrics
dataset: { use: digits }
partition: { use: iid }
model: { use: mlp }
client: { optimizer: { use: sgd } }
server: { rounds: 3 }
controls: [local-only, { use: centralized, name: whole }]
evaluate:
  metrics:
    - { use: macro-f1 }
    - { use: calibration }
`;

async function resolve(...overrides: readonly string[]): Promise<ExperimentSpec> {
  return resolveSpec(await parseSpec('spec.yaml', text, overrides), catalogue);
}

async function refusal(...overrides: readonly string[]): Promise<readonly (readonly unknown[])[]> {
  const error: unknown = await resolve(...overrides).catch((cause: unknown) => cause);
  const { diagnostics = [] } = error as { diagnostics?: readonly { path: string; message: string; hint?: string }[] };
  return diagnostics.map(({ path, message, hint }) => [path, message, hint]);
}

const expecting = (arm: string, metric: string) => `expect=[{ arm: ${arm}, metric: ${metric}, within: [0, 1] }]`;

describe('evaluate.metrics', () => {
  it('has every entry resolved against its own plugin, and says where its options come from', async () => {
    const spec = await resolve();
    expect(spec.evaluate.metrics).toEqual([{ use: 'macro-f1' }, { use: 'calibration', bins: 15 }]);
    const values = explainSpec(spec, await parseSpec('spec.yaml', text, []));
    const origin = (wanted: string) => values.find(({ path }) => path === wanted)?.origin;
    expect(origin('evaluate.metrics.1.use')).toMatchObject({ kind: 'file', line: 12 });
    expect(origin('evaluate.metrics.1.bins')).toEqual({ kind: 'default', of: 'the metric calibration' });
    expect(origin('evaluate.every')).toEqual({ kind: 'default', of: 'the spec' });
  });

  it.each([
    ['evaluate.metrics.1.bins=many', 'evaluate.metrics.1.bins', 'must be an integer'],
    ['evaluate.metrics.1.bin=3', 'evaluate.metrics.1.bin', 'Unknown option'],
    ['evaluate.metrics.0.use=marco-f1', 'evaluate.metrics.0.use', 'Unknown metric'],
    ['evaluate.metrics=[macro-f1]', 'evaluate.metrics.0', 'must be a mapping with use'],
    ['evaluate.metrics.1={ use: macro-f1 }', 'evaluate.metrics.1', 'The metric macro-f1 is chosen twice.'],
  ])('is refused at its place: %s', async (override, path, message) => {
    const found = (await refusal(override)).map((finding) => finding.slice(0, 2));
    expect(found).toEqual([[path, expect.stringContaining(message)]]);
  });
});

describe('the metrics that a spec asks for', () => {
  it.each([
    ['federated', 'test/accuracy/class-7'],
    ['federated', 'test/macro-f1'],
    ['federated', 'clients/own-test/calibration/p90'],
    ['federated', 'strategy/whatever'],
    ['federated', 'bytes/up'],
    ['whole', 'test/calibration/of-something'],
    ['whole', 'clients/own-test/accuracy/p10'],
    ['local-only', 'personal/test/macro-f1/mean'],
    ['local-only', 'local/loss'],
  ])('may be in the arm %s: %s', async (arm, metric) => {
    expect((await resolve(expecting(arm, metric))).expect).toHaveLength(1);
  });

  it.each([
    ['federated', 'test/acuracy', 'Did you mean test/accuracy?'],
    ['federated', 'macro-f1', 'Did you mean test/macro-f1?'],
    [
      'federated',
      'test/balanced-accuracy',
      'Its metrics: test/{accuracy,macro-f1,calibration,loss}, clients/own-test/',
    ],
    ['federated', 'validation/accuracy', 'give it a share of the data with holdout.validation'],
    ['whole', 'strategy/whatever', 'Its metrics: '],
    ['whole', 'bytes/up', 'Its metrics: '],
    ['local-only', 'test/accuracy', 'Did you mean personal/test/accuracy/mean?'],
  ])('are refused where the arm %s cannot have %s', async (arm, metric, hint) => {
    expect(await refusal(expecting(arm, metric))).toEqual([
      ['expect.0.metric', `The arm ${arm} has no metric "${metric}".`, expect.stringContaining(hint)],
    ]);
  });

  it('are refused where a run would stop by them, too', async () => {
    const stop = (metric: string) => `server.stop={ metric: ${metric}, patience: 3 }`;
    expect(await refusal(stop('validation/macro-f1'))).toMatchObject([
      ['server.stop.metric', expect.anything(), expect.anything()],
    ]);
    const spec = await resolve(stop('validation/macro-f1'), 'holdout.validation=0.1');
    expect(spec.server.stop?.metric).toBe('validation/macro-f1');
  });

  it('are not looked at where a chosen metric is wrong', async () => {
    const found = await refusal('evaluate.metrics.0.use=marco-f1', expecting('federated', 'test/macro-f1'));
    expect(found.map(([path]) => path)).toEqual(['evaluate.metrics.0.use']);
  });

  it('are not looked at where the arm itself is unknown', async () => {
    expect(await refusal(expecting('federted', 'test/acuracy'))).toMatchObject([
      ['expect.0.arm', expect.anything(), expect.anything()],
    ]);
  });
});
