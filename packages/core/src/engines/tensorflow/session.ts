import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { STEP_COUNT as CompilersStepCount, SavedModel } from '@fedx/compiler';
import type { OpenProgram } from '../../runtime/index.js';
import { runInSlices, type SliceInput, type SliceRunner } from '../run-in-slices.js';
import type { TensorflowAddon } from './addon.js';

/** Beside the model: which of its nodes are which input and output. */
export const SIGNATURE_FILE = 'signature.json';

export type Signature = Pick<SavedModel, 'inputs' | 'outputs'>;

/** The compiler's own word by its type alone: whoever runs programs need not load a compiler. */
const STEP_COUNT: typeof CompilersStepCount = 'step-count';
/** Of a call of a compiled program; beyond it the length follows the number of steps. */
const MOST_STEPS_AT_FIRST = 1024;

/** Tensors that TensorFlow holds, by their input names. */
interface State {
  /** Steps that the inputs of a compiled program have room for: it is compiled anew for each other room. */
  readonly room: number;
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
  const isCompiled = STEP_COUNT in inputs;
  const drop = (tensors: Iterable<{ readonly id: number }>): void => {
    for (const { id } of tensors) addon.deleteTensor(id);
  };
  const create: SliceRunner<State>['begin'] = ({ carried, constants }, steps) => {
    const tensors = (prefix: string, values: typeof carried) =>
      new Map(
        Object.entries(values).flatMap(([name, { shape, data }]) => {
          const input = `${prefix}/${name}`;
          // What a program does not use is none of its inputs.
          return input in inputs ? [[input, { id: addon.createTensor(shape, addon.TF_FLOAT, data), shape }]] : [];
        }),
      );
    const room = powerOfTwo(Math.min(steps, MOST_STEPS_AT_FIRST));
    return { room, carried: tensors('carried', carried), constants: tensors('constant', constants) };
  };
  return {
    begin: create,
    async run({ room, carried, constants }, given) {
      // A message that the process should end is read between two calls.
      await new Promise(setImmediate);
      const count = given['rows']?.shape[0] ?? 0;
      const places = isCompiled ? Math.max(room, powerOfTwo(count)) : count;
      const slice = Object.entries(isCompiled ? withRoom(given, count, places) : given).flatMap(
        ([name, { shape, data }]) => {
          const type = data instanceof Int32Array ? addon.TF_INT32 : addon.TF_FLOAT;
          return name in inputs ? [[name, { id: addon.createTensor(shape, type, data) }] as const] : [];
        },
      );
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
          const values = addon.tensorDataSync(id) as Float32Array | Int32Array;
          stacked[name.slice('stacked/'.length)] = values.subarray(0, (values.length / places) * count);
          addon.deleteTensor(id);
        }
      });
      return { state: { room, carried: next, constants }, stacked };
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

const powerOfTwo = (atLeast: number): number => 2 ** Math.ceil(Math.log2(Math.max(atLeast, 1)));

/** The inputs with places for more steps, and how many there are. */
function withRoom(
  given: Readonly<Record<string, SliceInput>>,
  count: number,
  places: number,
): Readonly<Record<string, SliceInput>> {
  const roomy = Object.entries(given).map(([name, { shape, data }]) => {
    const length = (data.length / count) * places;
    const all = data instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
    all.set(data);
    return [name, { shape: [places, ...shape.slice(1)], data: all }] as const;
  });
  return { ...Object.fromEntries(roomy), [STEP_COUNT]: { shape: [], data: Int32Array.of(count) } };
}
