import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHost, type Host } from '@fedx/core/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBuiltIns } from './built-ins.js';

let folder = '';
let host: Host;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fedx-built-ins-'));
  const spec = {
    ...{ apiVersion: 'fedx/v1', name: 'options', dataset: { use: 'mnist' }, model: { use: 'mlp' } },
    ...{ partition: { use: 'iid', clients: 3 }, server: { rounds: 1 } },
    client: { optimizer: { use: 'sgd', learningRate: 0.1 } },
  };
  await writeFile(join(folder, 'spec.yaml'), JSON.stringify(spec));
  host = createHost({ plugins: await loadBuiltIns(), env: {} });
});
afterAll(() => rm(folder, { recursive: true }));

const validate = (...overrides: readonly string[]) => host.validate({ file: join(folder, 'spec.yaml'), overrides });

/** What is wrong, each as `argument, text under the caret: message`. */
async function findings(...overrides: readonly string[]): Promise<readonly string[]> {
  const error: unknown = await validate(...overrides).catch((cause: unknown) => cause);
  const diagnostics = (Reflect.get(Object(error), 'diagnostics') ?? []) as readonly {
    readonly message: string;
    readonly source: string;
    readonly text: string;
    readonly start: { readonly column: number };
    readonly end: { readonly column: number };
  }[];
  return diagnostics.map(
    ({ source, message, text, start, end }) => `${source}, ${text.slice(start.column - 1, end.column - 1)}: ${message}`,
  );
}

describe('what options of the built-in plugins need of each other', () => {
  it.each([
    ['partition={ use: iid }', 'iid: partition needs clients or sizes.'],
    ['partition={ use: iid, clients: 2, sizes: [3, 4] }', 'sizes: partition takes clients or sizes, not both.'],
    [
      'partition={ use: mixture, by: clients, parts: [{ share: 1, of: { use: iid } }] }',
      '{: partition.parts.0.of needs clients or sizes.',
    ],
    ['partition={ use: missing-labels, clients: 3 }', 'missing-labels: partition needs missing or present.'],
    [
      'partition={ use: missing-labels, clients: 3, missing: 1, present: 1 }',
      'present: partition takes missing or present, not both.',
    ],
    [
      'partition={ use: quantity, clients: 3, rule: dirichlet }',
      'quantity: partition needs alpha where rule is dirichlet: a number above 0.',
    ],
    [
      'partition={ use: quantity, clients: 3, rule: power-law }',
      'quantity: partition needs exponent where rule is power-law: a number above 0.',
    ],
    [
      'partition={ use: quantity, clients: 3, rule: exponential }',
      'quantity: partition needs rate where rule is exponential: a number above 0.',
    ],
    [
      'partition={ use: quantity, clients: 3, rule: linear, rate: 2 }',
      'rate: partition.rate has no use where rule is linear.',
    ],
    ['server.cohort={ use: uniform }', 'uniform: server.cohort needs share or clients.'],
    [
      'server.cohort={ use: availability, period: 3 }',
      'availability: server.cohort needs trace or path or period and on.',
    ],
    [
      'client.schedule={ use: cosine, over: steps }',
      'cosine: client.schedule needs length where over is steps: an integer of at least 1.',
    ],
    [
      'client.optimizer={ use: sgd, learningRate: 1, nesterov: true }',
      'sgd: client.optimizer needs momentum where nesterov is true: a number above 0 and below 1.',
    ],
    [
      'client.optimizer={ use: sgd, learningRate: 1, nesterov: true, momentum: 0 }',
      '0: client.optimizer.momentum must be a number above 0 where nesterov is true, got 0.',
    ],
    [
      'environment={ attackers: { share: 0.5, attack: { use: label-flip, from: 1 } } }',
      'label-flip: environment.attackers.attack needs to beside from: an integer of at least 0.',
    ],
  ])('is said before anything runs: %s', async (argument, finding) => {
    expect(await findings(argument)).toEqual([`${argument}, ${finding}`]);
  });

  it('is said of the argument that chose the plugin', async () => {
    expect(await findings('partition.use=missing-labels', 'partition.clients=4')).toEqual([
      'partition.use=missing-labels, missing-labels: partition needs missing or present.',
    ]);
  });

  it.each([
    'partition={ use: iid, sizes: [69999, 1] }',
    'partition={ use: missing-labels, clients: 3, present: 4 }',
    'partition={ use: quantity, clients: 3, rule: linear }',
    'partition={ use: quantity, clients: 3, rule: exponential, rate: 1 }',
    'client.optimizer={ use: sgd, learningRate: 1, nesterov: true, momentum: 0.9 }',
    'client.schedule={ use: cosine, over: steps, length: 10 }',
  ])('is enough where it is given: %s', async (argument) => {
    await expect(validate(argument)).resolves.toBeDefined();
  });
});
