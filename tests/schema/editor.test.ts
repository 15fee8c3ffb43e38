import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CompletionItemKind } from 'vscode-languageserver-protocol/node.js';
import { shippedSpecs } from './shipped-specs.js';
import { openYamlEditor, type YamlEditor } from './yaml-editor.js';

const root = new URL('../../', import.meta.url);
const schema = new URL('schema/experiment.schema.json', root);
const specs = shippedSpecs();
const place = new URL('experiments/unsaved.yaml', root);
const header = '# yaml-language-server: $schema=../schema/experiment.schema.json\n';

const whole = `${header}apiVersion: fedx/v1
name: whole
seed: 3
dataset: { use: mnist, split: pooled }
partition:
  use: dominant-label
  clients: 10
  dominantShare: 0.55
model: { use: mlp, hidden: [6], activation: tanh }
client: { epochs: 1, batchSize: 32, optimizer: { use: sgd, learningRate: 0.003 } }
server:
  rounds: 3
  cohort:
    use: all
controls:
  - iid
  - { use: centralized, match: steps, client: { batchSize: all, optimizer: { learningRate: 0.1 } } }
expect:
  - { arm: federated, metric: test/accuracy, within: [0.8, 0.9] }
`;

let editor: YamlEditor;
beforeAll(async () => {
  editor = await openYamlEditor();
});
afterAll(() => editor.close());

const labelsAt = async (text: string) => (await editor.complete(place, text)).map(({ label }) => label);
/** What is marked, each with the text under the mark. */
async function marksIn(text: string): Promise<{ marked: string; message: string }[]> {
  const lines = text.split('\n');
  return (await editor.diagnose(place, text)).map(({ range: { start, end }, message }) => ({
    marked: lines[start.line]?.slice(start.character, start.line === end.line ? end.character : undefined) ?? '',
    message,
  }));
}

describe('an editor with the shipped schema', () => {
  it.each(specs)('finds nothing to mark in $path', async ({ url, text }) => {
    expect(await editor.diagnose(url, text)).toEqual([]);
  });

  it('accepts every key', async () => {
    expect(await marksIn(whole)).toEqual([]);
  });

  it('offers the names of plugins after use', async () => {
    const partitioners = await labelsAt(whole.replace('use: dominant-label', 'use: |'));
    expect(partitioners).toEqual(expect.arrayContaining(['dominant-label', 'iid']));
    expect(partitioners).not.toContain('sgd');
    expect(await labelsAt(whole.replace('use: all', 'use: |'))).toContain('all');
    const models = await editor.complete(place, whole.replace('use: mlp', 'use: |'));
    expect(models.find(({ label }) => label === 'mlp')?.documentation).toContain('Multilayer perceptron');
  });

  it('offers the options of the chosen plugin, and their words', async () => {
    const inPartition = async (use: string) => {
      const items = await editor.complete(
        place,
        whole.replace(/use: dominant-label\n[^]*?0\.55\n/, `use: ${use}\n  |\n`),
      );
      return items.filter(({ kind }) => kind === CompletionItemKind.Property).map(({ label }) => label);
    };
    expect(await inPartition('dominant-label')).toEqual(expect.arrayContaining(['clients', 'dominantShare']));
    expect(await inPartition('dominant-label')).not.toContain('sizes');
    expect(await inPartition('iid')).toEqual(expect.arrayContaining(['clients', 'sizes']));
    expect(await labelsAt(whole.replace('activation: tanh', 'activation: t|'))).toContain('tanh');
  });

  it('offers keys with what they mean', async () => {
    const items = await editor.complete(place, whole.replace('seed: 3\n', '|\n'));
    const strategy = items.find(({ label }) => label === 'strategy');
    expect(strategy?.documentation).toContain('How the server aggregates.');
  });

  it.each([
    ['seed: 3', 'sed: 3', 'sed'],
    ['rounds: 3', 'rounds: 3\n  rouns: 3', 'rouns'],
    ['dominantShare: 0.55', 'dominantShare: 0.55\n  dominantshare: 1', 'dominantshare'],
    ['learningRate: 0.003 }', 'learningRate: 0.003, momentun: 0.5 }', 'momentun'],
    ['match: steps', 'mach: steps', 'mach'],
  ])('marks a misspelt key once: %s as %s', async (right, wrong, marked) => {
    const marks = await marksIn(whole.replace(right, wrong));
    expect(marks).toEqual([{ marked, message: expect.stringContaining(marked) }]);
  });

  it.each([
    ['use: mlp', 'use: mpl', 'mpl', /"mlp"/],
    ['activation: tanh', 'activation: tahn', 'tahn', /"relu"/],
    ['epochs: 1', 'epochs: 0', '0', /minimum/],
    ['rounds: 3', 'rounds: many', 'many', /integer/],
    ['name: whole', 'name: two words', 'two words', /do not start with a dot/],
  ])('marks a wrong value once: %s as %s', async (right, wrong, marked, message) => {
    expect(await marksIn(whole.replace(right, wrong))).toEqual([{ marked, message: expect.stringMatching(message) }]);
  });

  it('marks an option that is missing once', async () => {
    const marks = await marksIn(whole.replace('  clients: 10\n', ''));
    expect(marks.map(({ message }) => message)).toEqual([expect.stringContaining('clients')]);
  });

  it.each([
    ['use: iid', 'partition', /clients/],
    ['{ use: quantity, clients: 10, rule: power-law }', 'partition', /exponent/],
    ['{ use: quantity, clients: 10, rule: linear, rate: 2 }', 'rate', /rate is not allowed/],
  ])('marks what an option asks of others once: %s', async (partition, marked, message) => {
    const marks = await marksIn(whole.replace(/partition:[^]*?(?=model:)/, `partition:\n  ${partition}\n`));
    expect(marks).toEqual([{ marked, message: expect.stringMatching(message) }]);
  });

  it('takes any name where a spec brings plugins that the schema does not know', async () => {
    const own = whole.replace('seed: 3\n', 'plugins: [./mine.ts]\nstrategy: { use: mine, beta: 2 }\n');
    expect(await marksIn(own)).toEqual([]);
    expect(await marksIn(own.replace('plugins: [./mine.ts]\n', ''))).toMatchObject([{ marked: 'mine' }]);
  });
});

describe('a shipped spec', () => {
  it.each(specs)('$path tells editors its schema in the first line', ({ text, url }) => {
    const relative = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? '';
    expect(new URL(relative, url).href).toBe(schema.href);
    expect(existsSync(schema)).toBe(true);
  });
});
