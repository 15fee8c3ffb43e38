import type { ArtifactContent } from 'mlflow-js-client';
import { stringify } from 'yaml';

/** An ONNX file as an MLflow model. */
export interface MlflowModel {
  /** Its files in the order of uploading, by name. */
  readonly files: readonly (readonly [name: string, content: ArtifactContent])[];
  /** What servers of 2.x keep of it in the tag `mlflow.log-model.history`. */
  readonly summary: Readonly<Record<string, unknown>>;
}

export interface MlflowModelOptions {
  /** 32 hex digits. */
  readonly uuid: string;
  /** The server's run that it came from. */
  readonly runId: string;
  /** Its id as a LoggedModel, where it is one. */
  readonly modelId?: string;
  readonly artifactPath: string;
}

/** What runs it in Python; those that fedx is tested with. */
const requirements = ['mlflow', 'numpy', 'onnx==1.23.2', 'onnxruntime==1.32.0'];
const python = '3.12';

/**
 * Describes a model file with one input and one output as MLflow's own `mlflow.onnx.save_model` does (its page "MLflow Model
 * Format"), with its signature: tensors without name in, `logits` out; sizes that are free are -1.
 */
export async function describeMlflowModel(onnx: Uint8Array, options: MlflowModelOptions): Promise<MlflowModel> {
  const { artifactPath, modelId, runId, uuid } = options;
  const { readOnnxSignature } = await import('@fedx/compiler');
  const { inputs, outputs } = readOnnxSignature(onnx);
  const data = 'model.onnx';
  const created = new Date().toISOString().replace('T', ' ').replace('Z', '000');
  const flavors = {
    onnx: {
      ...{ code: null, data, onnx_session_options: null, onnx_version: '1.23.2' },
      providers: ['CUDAExecutionProvider', 'CPUExecutionProvider'],
    },
    python_function: {
      ...{ data, loader_module: 'mlflow.onnx', python_version: python },
      env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
    },
  };
  const description = {
    ...{ artifact_path: artifactPath, flavors, model_size_bytes: onnx.length, model_uuid: uuid, run_id: runId },
    ...(modelId === undefined ? {} : { model_id: modelId }),
    signature: {
      // Without the name: so a plain array is taken, in Python and by `mlflow models predict`.
      inputs: JSON.stringify(inputs.map(({ shape }) => tensor(shape))),
      outputs: JSON.stringify(outputs.map(({ name, shape }) => ({ name, ...tensor(shape) }))),
      params: null,
    },
    utc_time_created: created,
  };
  const conda = {
    name: 'mlflow-env',
    channels: ['conda-forge'],
    dependencies: [`python=${python}`, 'pip', { pip: requirements }],
  };
  return {
    files: [
      [data, onnx],
      ['requirements.txt', `${requirements.join('\n')}\n`],
      ['conda.yaml', stringify(conda)],
      ['python_env.yaml', stringify({ python, build_dependencies: ['pip'], dependencies: ['-r requirements.txt'] })],
      ['MLmodel', stringify(description)],
    ],
    summary: description,
  };
}

function tensor(shape: readonly number[]): object {
  return { type: 'tensor', 'tensor-spec': { dtype: 'float32', shape } };
}
