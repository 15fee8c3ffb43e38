import assert from 'node:assert/strict';
import type { Model, ModelPlugin, ModelShape, OptionsSchema, Parameters } from '../contracts/index.js';
import { evaluateEagerly } from '../engines/index.js';
import { toOnnxModel } from '../export/index.js';
import { isFinite, norm, pick, subtract } from '../parameters/index.js';
import { awaitCreated } from '../plugins/index.js';
import { drawsNothing, rolesOf } from '../programs/index.js';
import { createRandom } from '../random/index.js';
import { resolveOptions } from '../spec/index.js';
import type { ConformanceCheck } from './check.js';
import { definitionChecks, type Setup } from './definition.js';
import { compileTraining, EXAMPLES, gradientDescent } from './local-training.js';
import { randomParameters, shapesOf } from './random-parameters.js';
import { watchRandom } from './watched-random.js';

export interface ModelSetup<Schema extends OptionsSchema = OptionsSchema> extends Setup<Schema> {
  /** Shape of one example; default: `[28, 28, 1]`. */
  readonly inputShape?: readonly number[];
  /** Default: 10. */
  readonly classes?: number;
  /** Where relative paths in options start; default: the working directory. */
  readonly directory?: string;
}

/** Logits of one example may differ by so much between batches of different size: sums take another order there. */
const TOLERANCE = 1e-4;

/**
 * What every model must do: start repeatably from finite parameters, give logits `[batch, classes]` for any batch, score
 * each example by itself when it evaluates, be pure, compile, and have a gradient that training can follow.
 */
export function modelConformance<Schema extends OptionsSchema>(
  plugin: ModelPlugin<Schema>,
  setup?: ModelSetup<Schema>,
): readonly ConformanceCheck[];
export function modelConformance(plugin: ModelPlugin, setup: ModelSetup = {}): readonly ConformanceCheck[] {
  const { inputShape = [28, 28, 1], classes = 10, directory = process.cwd() } = setup;
  const shape: ModelShape = { inputShape, classes };
  const create = async () => {
    const options = await resolveOptions(plugin, setup.options ?? {});
    return awaitCreated(plugin, () => plugin.create(options, shape, { directory }));
  };
  const start = async (seed = 1) => {
    const { random, hasDrawn } = watchRandom(createRandom(seed).at('init'));
    const model = await create();
    return { model, parameters: model.init(random), hasDrawn: hasDrawn() };
  };
  const compile = async (learningRate: number, made?: { model: Model; parameters: Parameters }) => {
    const optimizer = gradientDescent(learningRate);
    const { model, parameters } = made ?? (await start());
    return compileTraining({ model, modelName: plugin.name, shape, parameters, optimizer });
  };
  return [
    ...definitionChecks(plugin, setup),
    {
      title: 'starts from finite parameters, each of its own shape',
      run: async () => {
        const { parameters } = await start();
        assert.ok(Object.keys(parameters).length > 0, 'There are no parameters.');
        for (const [name, { shape: sizes, data }] of Object.entries(parameters)) {
          assert.ok(data instanceof Float32Array, `${name} is no Float32Array.`);
          const size = sizes.reduce((product, axis) => product * axis, 1);
          assert.equal(data.length, size, `${name} of shape [${sizes.join(', ')}] has ${data.length} values.`);
        }
        assert.ok(isFinite(parameters), 'Some parameters are not finite.');
      },
    },
    {
      title: 'counts only parameters of its own among its statistics',
      run: async () => {
        const { model, parameters } = await start();
        const unknown = (model.statistics ?? []).filter((name) => parameters[name] === undefined);
        assert.deepEqual(unknown, [], 'These statistics are no parameters.');
        assert.ok(rolesOf({ model, parameters }).weights.length > 0, 'There is nothing to train.');
      },
    },
    {
      title: 'starts from the same parameters for the same stream',
      run: async () => {
        const [first, second] = [await start(), await start()];
        assert.deepEqual(second.parameters, first.parameters, 'A second call with the same stream starts elsewhere.');
      },
    },
    {
      title: 'starts elsewhere for another seed, if it draws at all',
      run: async () => {
        const [first, other] = [await start(), await start(2)];
        if (!first.hasDrawn) return;
        assert.notDeepEqual(other.parameters, first.parameters, 'It draws from its stream, but two seeds start alike.');
      },
    },
    ...[1, 5].map((batch) => ({
      title: `gives finite logits [batch, classes] for a batch of ${batch}`,
      run: async () => {
        const logits = await score(await start(), inputsOf(shape, batch));
        assert.deepEqual(logits.shape, [batch, classes]);
        assert.ok(isFinite({ logits }), 'Some logits are not finite.');
      },
    })),
    {
      title: 'gives the same logits twice when it evaluates',
      run: async () => {
        const [made, inputs] = [await start(), inputsOf(shape, 3)];
        assert.deepEqual(await score(made, inputs), await score(made, inputs), 'A second call gives other logits.');
      },
    },
    {
      title: 'scores each example by itself when it evaluates',
      run: async () => {
        const made = await start();
        const together = await score(made, inputsOf(shape, 4));
        for (let example = 0; example < 4; example++) {
          const alone = await score(made, inputsOf(shape, 4, example));
          const difference = alone.data.map((logit, k) =>
            Math.abs(logit - (together.data[example * classes + k] ?? 0)),
          );
          const scale = 1 + Math.max(...alone.data.map(Math.abs));
          assert.ok(
            Math.max(...difference) <= TOLERANCE * scale,
            `The logits of example ${example} depend on the other examples of its batch.`,
          );
        }
      },
    },
    {
      title: 'compiles for training, to the same program each time',
      run: async () => {
        const made = await start();
        const [first, second] = [await compile(1, made), await compile(1, made)];
        assert.ok(Buffer.from(first.program).equals(second.program), 'Traced again, it became another program.');
      },
    },
    {
      title: 'compiles for export',
      run: async () => {
        const { model, parameters } = await start();
        assert.ok((await toOnnxModel(model, shape, parameters)).length > 0);
      },
    },
    {
      title: 'has a finite gradient for every parameter',
      run: async () => {
        const { parameters } = await start();
        const next = (await (await compile(1)).train(parameters, 1)).parameters;
        assert.deepEqual(shapesOf(next), shapesOf(parameters), 'Gradients of other shapes than the parameters.');
      },
    },
    {
      title: 'moves every parameter within a few steps of training',
      run: async () => {
        const { model, parameters } = await start();
        const { parameters: trained } = await (await compile(0.1)).train(parameters, 3);
        const still = rolesOf({ model, parameters }).weights.filter((name) =>
          isEqual(parameters[name]?.data, trained[name]?.data),
        );
        assert.deepEqual(still, [], 'These parameters have no gradient, or one that is always zero.');
      },
    },
    {
      title: 'loses less after a few steps against its gradient',
      run: async () => {
        const { model, parameters } = await start();
        const { weights } = rolesOf({ model, parameters });
        const { parameters: next, lossSum } = await (await compile(1)).train(parameters, 1);
        const steepness = norm(subtract(pick(next, weights), pick(parameters, weights))) ** 2;
        assert.ok(steepness > 0, 'The gradient is zero.');
        // Each step is to take a twentieth off the loss, as far as the gradient tells.
        const { train } = await compile((0.05 * lossSum) / EXAMPLES / steepness);
        const { parameters: later } = await train(parameters, 10);
        const after = (await train(later, 1)).lossSum;
        assert.ok(after < lossSum, `The loss went from ${lossSum / EXAMPLES} to ${after / EXAMPLES}.`);
      },
    },
  ];
}

/** Beside the parameters; no parameter is called so. */
const INPUTS = ' inputs';

/** The logits of a batch, by plain tfjs. */
async function score(
  { model, parameters }: { readonly model: Model; readonly parameters: Parameters },
  inputs: Parameters[string],
): Promise<Parameters[string]> {
  const { logits } = await evaluateEagerly(
    (tf, { [INPUTS]: batch = tf.scalar(0), ...weights }, recurrence) => {
      const random = drawsNothing(tf);
      const call = { tf: random.tf, parameters: weights, inputs: batch, mode: 'evaluate', random, recurrence } as const;
      return { logits: model.apply(call).logits };
    },
    { ...parameters, [INPUTS]: inputs },
  );
  return logits ?? { shape: [], data: new Float32Array() };
}

/** Random inputs `[batch, ...inputShape]`; with `only`, that one of them. */
function inputsOf({ inputShape }: ModelShape, batch: number, only?: number): Parameters[string] {
  const shape = [batch, ...inputShape];
  const { inputs = { shape, data: new Float32Array() } } = randomParameters({ inputs: shape });
  if (only === undefined) return inputs;
  const size = inputs.data.length / batch;
  return { shape: [1, ...inputShape], data: inputs.data.slice(only * size, (only + 1) * size) };
}

function isEqual(a: Float32Array | undefined, b: Float32Array | undefined): boolean {
  return a?.every((value, i) => value === b?.[i]) === true;
}
