import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type LoopDefinition,
  STEP_COUNT,
  simplifyLoop,
  toSavedModel,
  traceLoop,
  type XlaOptions,
} from '../../packages/compiler/src/index.js';
import { sizeOf } from '../../packages/compiler/src/ir/index.js';
import type { LoopInputs, LoopResults, NamedValues } from '../../packages/compiler/testing/run-loop.js';
import { loadAddon, type TensorflowAddon } from '../../packages/core/dist/engines/tensorflow/addon.js';
import { tensorflowEnvironment } from '../../packages/core/dist/engines/tensorflow/environment.js';
import { findBinding } from '../../packages/core/dist/engines/tensorflow/find-binding.js';

/** What the engine would use; without it these tests are skipped, but not in CI. */
export const binding = findBinding();

if (binding === undefined && process.env['CI'] !== undefined)
  throw new Error('There is no TensorFlow. Run `fedx setup tensorflow` before the tests.');

/** The same, for tests that are not skipped. */
export function found(): NonNullable<typeof binding> {
  if (binding === undefined) throw new Error('There is no TensorFlow.');
  return binding;
}

const SPARE = 2;

let loaded: TensorflowAddon | undefined;

/** TensorFlow in this process, with the settings of a worker. */
export function tensorflow(): TensorflowAddon {
  if (loaded === undefined) {
    Object.assign(process.env, tensorflowEnvironment(found()));
    loaded = loadAddon(found().addon);
  }
  return loaded;
}

/**
 * As openCompiled of the compiler's tests: all that a loop gives, in the shapes that it has. With `xla` the loop is
 * compiled, and given room for {@link SPARE} more steps than there are.
 */
export function openOnTensorflow(
  loop: LoopDefinition,
  options: { readonly xla?: XlaOptions | undefined } = {},
): Promise<(inputs: LoopInputs) => Promise<LoopResults>> {
  const addon = tensorflow();
  const model = toSavedModel(simplifyLoop(traceLoop(loop)), options);
  const spare = options.xla === undefined ? 0 : SPARE;
  const directory = mkdtempSync(join(tmpdir(), 'fedx-model-'));
  writeFileSync(join(directory, 'saved_model.pb'), model.bytes);
  const id = addon.loadSavedModel(directory, 'serve');
  return Promise.resolve(({ rows, weights, carried, constants = {}, perStep = {}, keys = [] }) => {
    const places = rows.length + spare;
    const steps = [places, loop.batchSize];
    const withRoom = (shape: readonly number[], values: readonly number[]): readonly number[] =>
      shape[0] === places ? [...values, ...Array<number>(sizeOf(shape) - values.length).fill(0)] : values;
    const floats = (name: string, shape: readonly number[], values: readonly number[]) =>
      name in model.inputs
        ? [[name, addon.createTensor(shape, addon.TF_FLOAT, Float32Array.from(withRoom(shape, values)))] as const]
        : [];
    const integers = (name: string, shape: readonly number[], values: readonly number[]) =>
      name in model.inputs
        ? [[name, addon.createTensor(shape, addon.TF_INT32, Int32Array.from(withRoom(shape, values)))] as const]
        : [];
    const given = new Map([
      ...integers('rows', steps, rows.flat()),
      ...integers(STEP_COUNT, [], [rows.length]),
      ...floats('weights', steps, weights.flat()),
      ...floats('step-numbers', [places], [...rows.keys()]),
      ...Object.entries(perStep).flatMap(([name, values]) => floats(`per-step/${name}`, [places], values)),
      ...integers('keys', [places, keys[0]?.length ?? 0], keys.flat()),
      ...tensors(addon, 'carried/', carried),
      ...tensors(addon, 'constant/', constants),
    ]);
    const made = addon.runSavedModel(
      id,
      [...given.values()],
      [...given.keys()].map((name) => model.inputs[name]).join(),
      Object.values(model.outputs).join(),
    );
    const results = Object.keys(model.outputs).map((name, i) => {
      const tensor = made[i];
      if (tensor === undefined) throw new Error(`There is no result ${name}.`);
      const data = addon.tensorDataSync(tensor.id);
      if (spare === 0 || !name.startsWith('out/stacked/')) return [name, { shape: tensor.shape, data }] as const;
      const shape = [rows.length, ...tensor.shape.slice(1)];
      return [name, { shape, data: data.subarray(0, sizeOf(shape)) }] as const;
    });
    return Promise.resolve({ carried: pick(results, 'out/carried/'), stacked: pick(results, 'out/stacked/') });
  });
}

function tensors(addon: TensorflowAddon, prefix: string, values: NamedValues): (readonly [string, number])[] {
  return Object.entries(values).map(([name, { shape, data }]) => [
    prefix + name,
    addon.createTensor(shape, addon.TF_FLOAT, Float32Array.from(data)),
  ]);
}

function pick(results: readonly (readonly [string, NamedValues[string]])[], prefix: string): NamedValues {
  return Object.fromEntries(
    results.flatMap(([name, values]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), values]] : [])),
  );
}
