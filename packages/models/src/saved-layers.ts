import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { defineModel, FedxError, fromLayers, type Tf } from '@fedx/core';

/** What a saved tfjs LayersModel keeps in `model.json`. */
interface SavedModel {
  /** `layers-model`; what `fedx export` writes is a `graph-model`. */
  readonly format?: string;
  readonly modelTopology: object;
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly WeightEntry[];
  }[];
}

interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string };
}

const bytesPerValue: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/**
 * A saved tfjs LayersModel: topology and weights of a `model.json` and its shards, as `model.save('file://…')` and the
 * converter write them. Every run starts from the saved weights.
 * Throws FEDX_DATA_NOT_FOUND where a file is missing, FEDX_DATA_CORRUPT where one is cut off or is no such model.
 */
export const savedLayers = defineModel({
  name: 'layers',
  options: {
    type: 'object',
    description: 'A saved tfjs LayersModel; every run starts from the saved weights.',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: {
        type: 'string',
        format: 'path',
        minLength: 1,
        description: 'The model.json; starts at the folder of the spec.',
      },
    },
  },
  create: async ({ path }, { inputShape, classes }, { directory }) => {
    const file = resolve(directory, path);
    const saved = await readModel(file);
    const weightData = await readWeights(file, saved);
    return fromLayers(async (tf) => {
      const model = await load(tf, file, saved, weightData);
      const [input] = model.inputs;
      const [output] = model.outputs;
      const expected = [...inputShape, classes].join();
      if ([...(input?.shape.slice(1) ?? []), ...(output?.shape.slice(1) ?? [])].join() === expected) return model;
      throw new FedxError(
        'FEDX_MODEL_SHAPE',
        `${path} maps [${input?.shape.slice(1).join(', ') ?? ''}] to [${output?.shape.slice(1).join(', ') ?? ''}], but the dataset has examples [${inputShape.join(', ')}] and ${classes} classes.`,
        { place: { file } },
      );
    });
  },
});

async function load(tf: Tf, file: string, saved: SavedModel, weightData: ArrayBuffer) {
  const weightSpecs = saved.weightsManifest.flatMap(({ weights }) => weights);
  try {
    return await tf.loadLayersModel({
      load: () =>
        Promise.resolve({ modelTopology: saved.modelTopology, weightSpecs: weightSpecs as never, weightData }),
    });
  } catch (error) {
    // tfjs puts all of a topology that it does not know into its message.
    const reason = excerpt(error instanceof Error ? error.message : String(error));
    throw corrupt(file, `${file} cannot be made a model: ${reason}`, error);
  }
}

async function readModel(file: string): Promise<SavedModel> {
  const text = (await read(file)).toString('utf8');
  let parsed: Partial<SavedModel> | null;
  try {
    parsed = JSON.parse(text) as Partial<SavedModel> | null;
  } catch (error) {
    throw corrupt(file, `${file} is no JSON: it may be cut off.`, error);
  }
  const { format, modelTopology, weightsManifest } = parsed ?? {};
  if (format === 'graph-model') {
    throw new FedxError(
      'FEDX_DATA_CORRUPT',
      `${file} is a tfjs graph model, which has no layers to train; the model layers takes a LayersModel.`,
      {
        place: { file },
        hint: "Save the layers by model.save('file://…') of a tf.LayersModel: fedx export writes graph models.",
      },
    );
  }
  if (typeof modelTopology === 'object' && Array.isArray(weightsManifest)) return { modelTopology, weightsManifest };
  throw corrupt(file, `${file} is no saved tfjs LayersModel: it lacks modelTopology or weightsManifest.`);
}

/** All shards in one buffer, of exactly the size that the manifest says. */
async function readWeights(file: string, { weightsManifest }: SavedModel): Promise<ArrayBuffer> {
  const paths = weightsManifest.flatMap((group) => group.paths);
  const shards = await Promise.all(paths.map((path) => read(join(dirname(file), path))));
  const expected = weightsManifest
    .flatMap(({ weights }) => weights)
    .reduce(
      (sum, { shape, dtype, quantization }) =>
        sum + shape.reduce((a, b) => a * b, 1) * (bytesPerValue[quantization?.dtype ?? dtype] ?? 4),
      0,
    );
  const all = Buffer.concat(shards);
  if (all.length !== expected)
    throw corrupt(
      file,
      `The weights of ${file} have ${all.length} bytes instead of ${expected}: a shard is cut off or replaced.`,
    );
  return all.buffer.slice(all.byteOffset, all.byteOffset + all.length);
}

/** The beginning of a text, where it is long. */
function excerpt(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new FedxError('FEDX_DATA_NOT_FOUND', `The model file ${file} cannot be read.`, {
      place: { file },
      hint: 'model.path is relative to the spec.',
      cause,
    });
  }
}

function corrupt(file: string, message: string, cause?: unknown): FedxError {
  return new FedxError('FEDX_DATA_CORRUPT', message, { place: { file }, cause });
}
