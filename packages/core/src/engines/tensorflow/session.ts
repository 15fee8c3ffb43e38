import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SavedModel } from '@fedx/compiler';
import type { OpenProgram } from '../../runtime/index.js';
import { runInSlices, type SliceRunner } from '../run-in-slices.js';
import type { TensorflowAddon } from './addon.js';

/** Beside the model: which of its nodes are which input and output. */
export const SIGNATURE_FILE = 'signature.json';

export type Signature = Pick<SavedModel, 'inputs' | 'outputs'>;

/** Tensors that TensorFlow holds, by their input names. */
interface State {
  readonly carried: ReadonlyMap<string, { readonly id: number; readonly shape: readonly number[] }>;
  readonly constants: ReadonlyMap<string, { readonly id: number }>;
}

/** Opens a compiled program: a folder with a SavedModel and its signature. */
export async function openProgram(addon: TensorflowAddon, directory: string): Promise<OpenProgram> {
  const signature = JSON.parse(await readFile(join(directory, SIGNATURE_FILE), 'utf8')) as Signature;
  return runInSlices(onSavedModel(addon, addon.loadSavedModel(directory, 'serve'), signature));
}

function onSavedModel(addon: TensorflowAddon, model: number, { inputs, outputs }: Signature): SliceRunner<State> {
  const results = Object.keys(outputs);
  const outputNames = Object.values(outputs).join();
  const drop = (tensors: Iterable<{ readonly id: number }>): void => {
    for (const { id } of tensors) addon.deleteTensor(id);
  };
  const create: SliceRunner<State>['begin'] = ({ carried, constants }) => {
    const tensors = (prefix: string, values: typeof carried) =>
      new Map(
        Object.entries(values).flatMap(([name, { shape, data }]) => {
          const input = `${prefix}/${name}`;
          // What a program does not use is none of its inputs.
          return input in inputs ? [[input, { id: addon.createTensor(shape, addon.TF_FLOAT, data), shape }]] : [];
        }),
      );
    return { carried: tensors('carried', carried), constants: tensors('constant', constants) };
  };
  return {
    begin: create,
    async run({ carried, constants }, given) {
      // A message that the process should end is read between two calls.
      await new Promise(setImmediate);
      const slice = Object.entries(given).flatMap(([name, { shape, data }]) => {
        const type = data instanceof Int32Array ? addon.TF_INT32 : addon.TF_FLOAT;
        return name in inputs ? [[name, { id: addon.createTensor(shape, type, data) }] as const] : [];
      });
      const all = [...slice, ...carried, ...constants];
      const made = addon.runSavedModel(
        model,
        all.map(([, { id }]) => id),
        all.map(([name]) => inputs[name]).join(),
        outputNames,
      );
      drop(slice.map(([, tensor]) => tensor));
      drop(carried.values());
      const next = new Map<string, { id: number; shape: readonly number[] }>();
      const stacked: Record<string, Float32Array | Int32Array> = {};
      made.forEach(({ id, shape }, i) => {
        const name = results[i]?.slice('out/'.length) ?? '';
        if (name.startsWith('carried/')) next.set(name, { id, shape });
        else {
          stacked[name.slice('stacked/'.length)] = addon.tensorDataSync(id) as Float32Array | Int32Array;
          addon.deleteTensor(id);
        }
      });
      return { state: { carried: next, constants }, stacked };
    },
    read: ({ carried }) =>
      Object.fromEntries(
        [...carried].map(([name, { id, shape }]) => [
          name.slice('carried/'.length),
          { shape, data: addon.tensorDataSync(id) as Float32Array },
        ]),
      ),
    release({ carried, constants }) {
      drop(carried.values());
      drop(constants.values());
    },
  };
}
