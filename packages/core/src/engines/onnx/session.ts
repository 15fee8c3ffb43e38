import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Parameters, ParameterTensor } from '../../contracts/index.js';
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
   * By input name. onnxruntime-node takes no shared memory; each job's copies take the place of those before, but for what
   * came in one message with what the job before had: that is the same array, and nobody has written to it since.
   */
  const copies = new Map<string, { readonly source: Float32Array; readonly tensor: Tensor }>();
  /**
   * What calls write the carried values to, by turns, as a call reads what the one before wrote: small clients would wait for
   * new memory longer than for their training.
   */
  let [ends, others] = [new Map<string, Tensor>(), new Map<string, Tensor>()];

  function toTensor(name: string, { shape, data }: ParameterTensor): Tensor {
    if (!(data.buffer instanceof SharedArrayBuffer)) return new Tensor('float32', data, [...shape]);
    const before = copies.get(name);
    if (before?.source === data) return before.tensor;
    const copy = before?.source.length === data.length ? (before.tensor.data as Float32Array) : data.slice();
    copy.set(data);
    const tensor = new Tensor('float32', copy, [...shape]);
    copies.set(name, { source: data, tensor });
    return tensor;
  }

  const toTensors = (prefix: string, values: Parameters): State['carried'] =>
    Object.entries(values).map(([name, tensor]) => [prefix + name, toTensor(prefix + name, tensor)]);

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
