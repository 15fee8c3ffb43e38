import { good, type HostileSpec } from './good-spec.js';

type Kind = 'integer' | 'share' | 'number' | 'word' | 'step' | 'text' | 'list' | 'mapping' | 'bounds' | 'plugin';

/** Every place of {@link good} and what belongs there. */
const places: Readonly<Record<string, Kind>> = {
  apiVersion: 'word',
  name: 'text',
  seed: 'integer',
  seeds: 'mapping',
  'seeds.data': 'integer',
  'seeds.partition': 'integer',
  'seeds.init': 'integer',
  'seeds.cohort': 'integer',
  'seeds.batches': 'integer',
  plugins: 'list',
  dataset: 'mapping',
  'dataset.use': 'plugin',
  'dataset.split': 'word',
  partition: 'mapping',
  'partition.use': 'plugin',
  'partition.clients': 'integer',
  'partition.dominantShare': 'share',
  holdout: 'mapping',
  'holdout.test': 'share',
  'holdout.validation': 'share',
  model: 'mapping',
  'model.use': 'plugin',
  'model.hidden': 'list',
  'model.hidden.0': 'integer',
  'model.activation': 'word',
  client: 'mapping',
  'client.epochs': 'integer',
  'client.batchSize': 'integer',
  'client.lastBatch': 'word',
  'client.optimizer': 'mapping',
  'client.optimizer.use': 'plugin',
  'client.optimizer.learningRate': 'number',
  'client.optimizerState': 'word',
  strategy: 'mapping',
  'strategy.use': 'plugin',
  server: 'mapping',
  'server.rounds': 'integer',
  'server.cohort': 'mapping',
  'server.cohort.use': 'plugin',
  controls: 'list',
  'controls.0': 'mapping',
  'controls.0.use': 'word',
  'controls.0.name': 'text',
  'controls.0.epochs': 'integer',
  'controls.0.client': 'mapping',
  'controls.0.client.epochs': 'integer',
  'controls.0.client.batchSize': 'integer',
  'controls.0.client.optimizer': 'mapping',
  'controls.0.client.optimizer.learningRate': 'number',
  evaluate: 'mapping',
  'evaluate.every': 'integer',
  engine: 'mapping',
  'engine.use': 'word',
  executor: 'mapping',
  'executor.use': 'word',
  'executor.workers': 'integer',
  expect: 'list',
  'expect.0': 'mapping',
  'expect.0.arm': 'text',
  'expect.0.metric': 'text',
  'expect.0.at': 'step',
  'expect.0.within': 'bounds',
  'expect.0.within.0': 'number',
};

const odd = { mapping: '{ odd: 1 }', list: '[odd]', bool: 'true', nothing: 'null', text: 'odd', nest: '[[[]]]' };

/** What belongs in no place of a kind, as YAML. */
const wrong: Readonly<Record<Kind, readonly string[]>> = {
  integer: [
    odd.mapping,
    odd.list,
    odd.bool,
    odd.nothing,
    odd.text,
    '-1',
    '1.5',
    '1e300',
    '"7"',
    '.nan',
    '99999999999999999999',
  ],
  share: [odd.mapping, odd.list, odd.bool, odd.nothing, odd.text, '-0.1', '1.1', '.inf', '"0.5"'],
  number: [odd.mapping, odd.list, odd.bool, odd.nothing, odd.text, '-.inf', '"1"', '1e999'],
  word: [odd.mapping, odd.list, odd.bool, odd.nothing, odd.text, '1', '"\\u0000"', `"${'x'.repeat(1000)}"`],
  step: [odd.mapping, odd.list, odd.bool, odd.nothing, odd.text, '0', '-1', '1.5', '1e300', '"1"'],
  text: [odd.mapping, odd.list, odd.bool, odd.nothing, '1', '""'],
  list: [odd.mapping, odd.bool, odd.nothing, odd.text, '1', '[null]', '[{}]', odd.nest],
  mapping: [odd.mapping, odd.list, odd.bool, odd.text, '1', '{ __proto__: { use: iid } }', '{ constructor: 1 }'],
  bounds: [odd.mapping, odd.list, odd.bool, odd.nothing, odd.text, '[1]', '[1, 0]', '[0, 1, 2]', '[.nan, 1]'],
  plugin: [
    odd.mapping,
    odd.list,
    odd.bool,
    odd.nothing,
    odd.text,
    '1',
    '""',
    '__proto__',
    '../mlp',
    'constructor',
    'toString',
  ],
};

/** {@link good} as YAML with another value at `place`. */
function withValue(place: string, value: string): string {
  const marker = '@here@';
  const steps = place.split('.');
  const replace = (node: unknown, [step, ...rest]: readonly string[]): unknown => {
    if (step === undefined) return marker;
    if (Array.isArray(node))
      return node.map((item: unknown, index) => (String(index) === step ? replace(item, rest) : item));
    return { ...(node as object), [step]: replace(Reflect.get(node as object, step) as unknown, rest) };
  };
  return JSON.stringify(replace(good, steps), null, 1).replace(`"${marker}"`, () => value);
}

/** How large an integer option may be is its plugin's affair; these have no bound. */
const ownedByPlugin: ReadonlySet<string> = new Set(['partition.clients', 'model.hidden.0']);

/** Each place of a good spec with each value that does not belong there. */
export const swapped: readonly HostileSpec[] = Object.entries(places).flatMap(([place, kind]) =>
  wrong[kind]
    .filter((value) => value !== '1e300' || !ownedByPlugin.has(place))
    .map((value) => ({ what: `${place} is ${value.slice(0, 30)}`, text: withValue(place, value) })),
);
