import assert from 'node:assert/strict';
import type { ClientRule, Optimizer, OptimizerPlugin, OptionsSchema, Parameters } from '../contracts/index.js';
import { norm, zerosLike } from '../parameters/index.js';
import { createPlugin } from '../plugins/index.js';
import { createRandom } from '../random/index.js';
import { resolveOptions } from '../spec/index.js';
import type { ConformanceCheck } from './check.js';
import { definitionChecks, type Setup } from './definition.js';
import { linearModel, linearShape } from './linear-model.js';
import { type CompiledTraining, compileTraining } from './local-training.js';
import { shapesOf } from './random-parameters.js';

/** The gradient of half the squared norm: training goes down a bowl whose bottom is zero. */
const bowl: ClientRule = { gradient: ({ parameters }) => parameters };

const flat: ClientRule = {
  gradient: ({ tf, gradient }) =>
    Object.fromEntries(Object.entries(gradient).map(([name, tensor]) => [name, tf.zerosLike(tensor)])),
};

/**
 * What every optimizer must do, with parameters of rank 0, 1, 2 and 4: keep their shapes and its slots, be pure, compile,
 * stay finite where gradients are zero, and go down a bowl.
 */
export function optimizerConformance<Schema extends OptionsSchema>(
  plugin: OptimizerPlugin<Schema>,
  setup?: Setup<Schema>,
): readonly ConformanceCheck[];
export function optimizerConformance(plugin: OptimizerPlugin, setup: Setup = {}): readonly ConformanceCheck[] {
  const start: Parameters = linearModel.init(createRandom(1));
  const create = async () => {
    const options = await resolveOptions(plugin, setup.options ?? {});
    return { optimizer: createPlugin(plugin, () => plugin.create(options)), options };
  };
  const compile = async (
    rule?: ClientRule,
    optimizer?: { readonly optimizer: Optimizer; readonly options: Readonly<Record<string, unknown>> },
  ): Promise<CompiledTraining> =>
    compileTraining({
      model: linearModel,
      modelName: 'linear',
      shape: linearShape,
      parameters: start,
      optimizer: optimizer ?? (await create()),
      ...(rule !== undefined && { strategy: { rule, options: {} } }),
    });
  return [
    ...definitionChecks(plugin, setup),
    {
      title: 'keeps the shapes of parameters, and returns every slot that it names',
      run: async () => {
        const { parameters } = await (await compile()).train(start, 2);
        assert.deepEqual(shapesOf(parameters), shapesOf(start));
      },
    },
    {
      title: 'compiles, to the same program each time',
      run: async () => {
        const made = await create();
        const [first, second] = [await compile(undefined, made), await compile(undefined, made)];
        assert.ok(Buffer.from(first.program).equals(second.program), 'Traced again, it became another program.');
      },
    },
    {
      title: 'returns no slot that it does not name',
      run: async () => {
        const { optimizer, options } = await create();
        const { slots = [], update } = optimizer;
        const returned = new Set<string>();
        const watched: Optimizer = {
          slots,
          update: (step) => {
            const result = update(step);
            for (const slot of Object.keys(result.slots ?? {})) returned.add(slot);
            return result;
          },
        };
        await compile(undefined, { optimizer: watched, options });
        assert.deepEqual([...returned].sort(), [...slots].sort(), 'What is not named under slots is lost.');
      },
    },
    {
      title: 'leaves zero parameters at zero where gradients are zero',
      run: async () => {
        const { parameters } = await (await compile(flat)).train(zerosLike(start), 3);
        assert.equal(norm(parameters), 0, 'Without a gradient there is nowhere to go.');
      },
    },
    {
      title: 'does not grow parameters where gradients are zero',
      run: async () => {
        const { parameters } = await (await compile(flat)).train(start, 3);
        assert.ok(norm(parameters) <= norm(start) * (1 + 1e-6), 'Without a gradient, parameters may only decay.');
      },
    },
    {
      title: 'goes down a bowl',
      run: async () => {
        const { parameters } = await (await compile(bowl)).train(start, 100);
        const [before, after] = [norm(start), norm(parameters)];
        assert.ok(after < before, `After 100 steps the parameters have norm ${after}, at the start ${before}.`);
      },
    },
  ];
}
