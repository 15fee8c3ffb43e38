import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProject, type Project } from './tiny-federation.js';

let project: Project;
let files = 0;
beforeAll(async () => {
  project = await createProject();
});
afterAll(() => project.remove());

const faults: Readonly<Record<string, { readonly loss: string; readonly error: object; readonly at: string }>> = {
  'a loss of another shape': {
    loss: '({ tf, loss }) => tf.mean(loss)',
    error: {
      code: 'FEDX_PLUGIN_FAILED',
      message: 'A traced function of the plugin faulty returned a tensor of shape [] as loss, where [8] is needed.',
    },
    at: 'defineStrategy({',
  },
  'an operation without a gradient in the loss': {
    loss: '({ tf, loss, output }) => tf.add(loss, tf.sum(tf.cumprod(output.logits, 1), 1))',
    error: {
      code: 'FEDX_COMPILE_UNSUPPORTED_OP',
      message: expect.stringMatching(
        /^The plugin faulty cannot be compiled: The tfjs operation Cumprod has no gradient: .*tf\.cumsum/,
      ),
    },
    at: 'tf.cumprod(',
  },
};

/** Where `text` stands in a file of the project. */
function placeOf(file: string, source: string, text: string) {
  const line = source.slice(0, source.indexOf(text)).split('\n').length;
  return { plugin: 'faulty', file: join(project.folder, file), line };
}

describe.each(['onnx', 'eager'])('what goes wrong in a traced function, on the engine %s', (engine) => {
  const run = (file: string, ...overrides: readonly string[]) =>
    project.run([`plugins=[./${file}]`, 'server.rounds=1', `engine.use=${engine}`, ...overrides]);

  /** What a run says of a plugin that is used in a slot, and where a text of it stands. */
  async function faultOf(slot: string, source: string) {
    const file = `${slot}-${files++}.ts`;
    await project.write(file, source);
    const { error } = await run(file, `${slot}={ use: faulty }`);
    return { file, error, placeOf: (text: string) => placeOf(file, source, text) };
  }

  it.each(Object.entries(faults))("is put down to the strategy's line: %s", async (_, { loss, error, at }) => {
    const found = await faultOf('strategy', strategy(`{ loss: ${loss} }`));
    expect(found.error).toMatchObject({ ...error, place: found.placeOf(at) });
  });

  it('is put down to the strategy where its loss has no part of the model', async () => {
    const { error } = await faultOf('strategy', strategy('{ loss: ({ tf, loss }) => tf.zeros(loss.shape) }'));
    expect(error).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      message: expect.stringMatching(
        /^The loss of the strategy faulty does not depend on the parameters dense-1\/kernel, /,
      ),
      place: { plugin: 'faulty' },
    });
  });

  it('names a gradient of another shape', async () => {
    const { file, error } = await faultOf(
      'strategy',
      strategy('{ gradient: ({ tf, gradient }) => ({ ...gradient, [Object.keys(gradient)[0]]: tf.scalar(0) }) }'),
    );
    expect(error).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      message: expect.stringContaining('of shape [] as dense-1/kernel, where [20, 20] is needed'),
      place: { plugin: 'faulty', file: join(project.folder, file) },
    });
  });

  it('names the parameters of a model that have no part in its output', async () => {
    const { error } = await faultOf('model', model('tf.matMul(tf.reshape(inputs, [-1, 20]), parameters.kernel)'));
    expect(error).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      message:
        'The output of the model faulty does not depend on the parameter bias, which therefore cannot be trained.',
      hint: expect.stringContaining('Use it in apply'),
      place: { plugin: 'faulty' },
    });
  });

  const right = 'tf.add(tf.matMul(tf.reshape(inputs, [-1, 20]), parameters.kernel), parameters.bias)';
  it.each([
    [
      'logits of another shape',
      'tf.zeros([inputs.shape[0], 3])',
      String.raw`of shape \[\d+, 3\] as logits, where \[batch, 10\] is`,
    ],
    ['logits of integers', "tf.zeros([inputs.shape[0], 10], 'int32')", 'of int32 as logits, where float32 is needed'],
    [
      'a penalty of each example',
      `${right}, penalty: tf.sum(inputs, [1, 2, 3])`,
      String.raw`of shape \[\d+\] as penalty, where \[\] is`,
    ],
    [
      'a statistic that it has not',
      `${right}, statistics: { mean: parameters.bias }`,
      'the statistic mean, which nothing looks at; there are none',
    ],
    [
      'a misspelt member',
      `${right}, penality: tf.sum(parameters.bias)`,
      'a member penality, which nothing looks at; known are logits, features, penalty',
    ],
  ])('refuses %s', async (_, logits, what) => {
    const found = await faultOf('model', model(logits));
    expect(found.error).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      message: expect.stringMatching(`^A traced function of the plugin faulty returned (a tensor )?${what}`),
      place: found.placeOf('defineModel({'),
    });
  });

  it.each([
    [
      'a slot that it does not list',
      '{ parameter, slots: { ...slots, v: gradient } }',
      'the slot v, which nothing looks at; known are m',
    ],
    ['no slot', '{ parameter }', 'undefined as m, where a tensor is needed'],
    [
      'a slot of another shape',
      '{ parameter, slots: { m: tf.sum(slots.m) } }',
      String.raw`a tensor of shape \[\] as m, where \[`,
    ],
    [
      'integers',
      "{ parameter: tf.cast(parameter, 'int32'), slots }",
      'a tensor of int32 as parameter, where float32 is needed',
    ],
  ])('refuses an optimizer that returns %s', async (_, result, what) => {
    const found = await faultOf('client.optimizer', optimizer(result));
    expect(found.error).toMatchObject({
      code: 'FEDX_PLUGIN_FAILED',
      message: expect.stringMatching(`^A traced function of the plugin faulty returned ${what}`),
      place: found.placeOf('defineOptimizer({'),
    });
  });

  it('refuses draws in the step of a recurrence, of which one would serve all its steps', async () => {
    const drawn = 'step: (state) => mode === "train" ? random.dropout(state, 0.5) : state';
    const found = await faultOf(
      'model',
      model(
        `tf.add(tf.matMul(recurrence({ ${drawn}, initial: tf.reshape(inputs, [-1, 20]), inputs: tf.zeros([3, inputs.shape[0], 1]), weights: {} }).slice(2, 1).squeeze([0]), parameters.kernel), parameters.bias)`,
      ),
    );
    expect(found.error).toMatchObject({
      code: 'FEDX_COMPILE_UNSUPPORTED_OP',
      message: 'The step of a recurrence draws random numbers: one draw would serve all its steps.',
      place: found.placeOf('random.dropout'),
    });
  });

  it("names a model's line with an operation without a gradient, also under a strategy with a loss", async () => {
    const source = model(
      'tf.add(tf.cumprod(tf.matMul(tf.reshape(inputs, [-1, 20]), parameters.kernel), 1), parameters.bias)',
    );
    await project.write('product.ts', source);
    await project.write('same-loss.ts', strategy('{ loss: ({ loss }) => loss }').replace("'faulty'", "'same-loss'"));
    for (const strategyOfModel of ['fedavg', 'same-loss']) {
      const plugins = 'plugins=[./product.ts, ./same-loss.ts]';
      const { error } = await run(
        'product.ts',
        plugins,
        'model={ use: faulty }',
        `strategy={ use: ${strategyOfModel} }`,
      );
      expect(error).toMatchObject({
        code: 'FEDX_COMPILE_UNSUPPORTED_OP',
        message: expect.stringContaining(
          'The plugin faulty cannot be compiled: The tfjs operation Cumprod has no gradient',
        ),
        place: placeOf('product.ts', source, 'tf.cumprod'),
      });
    }
  });
});

function strategy(client: string): string {
  return `import { defineStrategy, parameters as p } from '@fedx/core';
export default defineStrategy({
  name: 'faulty',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    aggregate: ({ global, updates }) => ({ global: p.add(global, updates.mean()) }),
    client: ${client},
  }),
});
`;
}

/** An optimizer with the slot m; `result` is what it returns. */
function optimizer(result: string): string {
  return `import { defineOptimizer } from '@fedx/core';
export default defineOptimizer({
  name: 'faulty',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({ slots: ['m'], update: ({ tf, parameter, gradient, slots }) => (${result}) }),
});
`;
}

/** A linear model of images of 20 pixels; `logits` is its output. */
function model(logits: string): string {
  return `import { defineModel } from '@fedx/core';
export default defineModel({
  name: 'faulty',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => ({
    init: () => ({
      kernel: { shape: [20, 10], data: new Float32Array(200) },
      bias: { shape: [10], data: new Float32Array(10) },
    }),
    apply: ({ tf, parameters, inputs, mode, random, recurrence }) => ({
      logits: ${logits},
    }),
  }),
});
`;
}
