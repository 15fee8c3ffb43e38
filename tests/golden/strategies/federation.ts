/**
 * A small federation that other frameworks can be given as it is: data, initial weights, and the order of the batches.
 * `npx jiti tests/golden/strategies/federation.ts` prints it as JSON for generate.py.
 */
import { createRandom } from '@fedx/core/testing';
import { models } from '@fedx/models';
import { type ClientsData, seed } from '../recorded-run.js';

/** Examples of each client; with batches of 4 they make 3, 1, 5 and 2 steps an epoch, the last batches short ones. */
const sizes = [10, 4, 17, 7];
const features = 5;
const classes = 3;
const epochs = 2;
const rounds = 3;
const batchSize = 4;
const model = { hidden: [4], activation: 'tanh' } as const;

/** What the federation's cases have in common, as lines of a spec. */
export const common = {
  model: `{ use: mlp, hidden: [${model.hidden.join(', ')}], activation: ${model.activation} }`,
  client: (momentum = 0): string =>
    `{ epochs: ${epochs}, batchSize: ${batchSize}, optimizer: { use: sgd, learningRate: 0.1, momentum: ${momentum} } }`,
  server: (more = ''): string => `{ rounds: ${rounds}${more} }`,
};

/** Each client draws its features around a point of its own, and has two of the three classes most of the time. */
export function makeData(): ClientsData {
  const random = createRandom(7);
  const inputs = sizes.map((size, client) => {
    const stream = random.at('inputs', client);
    return Array.from({ length: size }, () =>
      Array.from({ length: features }, (_, i) => Math.fround(((client + i) % 3) - 1 + stream.normal())),
    );
  });
  const labels = sizes.map((size, client) =>
    Array.from({ length: size }, (_, example) => (example % 5 === 0 ? (client + 2) % 3 : (client + (example % 2)) % 3)),
  );
  return { inputs, labels, classes };
}

/** The weights before round 1, as the built-in perceptron draws them. */
function initialWeights(): Readonly<Record<string, { readonly shape: readonly number[]; readonly data: number[] }>> {
  const plugin = models.find(({ name }) => name === 'mlp');
  if (plugin?.kind !== 'model') throw new TypeError('There is no model mlp.');
  const made = plugin.create(model, { inputShape: [features], classes }, { directory: '.' });
  if (made instanceof Promise) throw new TypeError('A perceptron is made at once.');
  const initial = Object.entries(made.init(createRandom(seed).at('init')));
  return Object.fromEntries(initial.map(([name, { shape, data }]) => [name, { shape, data: [...data] }]));
}

/** Of each round, client and epoch the examples in the order of training: what the stream `batches` makes of them. */
function orders(): number[][][][] {
  let first = 0;
  const rows = sizes.map((size) => Uint32Array.from({ length: size }, () => first++));
  return Array.from({ length: rounds }, (_round, round) =>
    rows.map((own, client) =>
      Array.from({ length: epochs }, (_epoch, epoch) => {
        const stream = createRandom(seed)
          .at('batches')
          .at(round + 1, client)
          .at(epoch);
        return [...stream.shuffle(own.slice())].map((row) => row - (own[0] ?? 0));
      }),
    ),
  );
}

if (process.argv[1]?.endsWith('federation.ts') === true)
  process.stdout.write(
    `${JSON.stringify({ ...makeData(), initial: initialWeights(), orders: orders(), batchSize, learningRate: 0.1 })}\n`,
  );
