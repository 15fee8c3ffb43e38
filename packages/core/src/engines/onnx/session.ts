import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Parameters } from '../../contracts/index.js';
import type { OpenProgram } from '../../runtime/index.js';
import { runInSlices, type SliceInput, type SliceRunner } from '../run-in-slices.js';

const OUTPUT = 'out/';

/** By their input names. */
interface State {
  readonly carried: readonly (readonly [string, Tensor])[];
  readonly constants: readonly (readonly [string, Tensor])[];
}

/** Opens a compiled program. One thread a session: parallelism is between jobs, where it changes no bits. */
export async function openProgram(path: string): Promise<OpenProgram> {
  const inference = await InferenceSession.create(path, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
  });
  return runInSlices(onSession(inference));
}

function onSession(inference: InferenceSession): SliceRunner<State> {
  /**
   * What calls write the carried values to, by turns, as a call reads what the one before wrote: small clients would wait for
   * new memory longer than for their training.
   */
  let [ends, others] = [new Map<string, Tensor>(), new Map<string, Tensor>()];

  const toTensors = (prefix: string, values: Parameters): State['carried'] =>
    Object.entries(values).map(([name, { shape, data }]) => [prefix + name, new Tensor('float32', data, [...shape])]);

  return {
    begin: ({ carried, constants }) => ({
      carried: toTensors('carried/', carried),
      constants: toTensors('constant/', constants),
    }),
    async run({ carried, constants }, inputs) {
      [ends, others] = [others, ends];
      const results = await inference.run(
        Object.fromEntries([
          ...Object.entries(inputs).map(([name, input]) => [name, toSliceTensor(input)] as const),
          ...carried,
          ...constants,
        ]),
        Object.fromEntries(inference.outputNames.map((name) => [name, ends.get(name) ?? null])),
      );
      const next = carried.map(([name, given]) => [name, results[OUTPUT + name] ?? given] as const);
      for (const [name, tensor] of next) ends.set(OUTPUT + name, tensor);
      const stacked = Object.entries(results).filter(([name]) => name.startsWith(`${OUTPUT}stacked/`));
      return {
        state: { constants, carried: next },
        squares: results[`${OUTPUT}squares`]?.data as Float32Array | undefined,
        stacked: Object.fromEntries(
          stacked.map(([name, { data }]) => [
            name.slice(`${OUTPUT}stacked/`.length),
            data as Float32Array | Int32Array,
          ]),
        ),
      };
    },
    read: ({ carried }) =>
      Object.fromEntries(
        carried.map(([name, { dims, data }]) => [
          name.slice('carried/'.length),
          { shape: dims, data: data as Float32Array },
        ]),
      ),
    release: () => undefined,
  };
}

function toSliceTensor({ shape, data }: SliceInput): Tensor {
  return data instanceof Int32Array ? new Tensor('int32', data, [...shape]) : new Tensor('float32', data, [...shape]);
}
