import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createHost } from '@fedx/core/host';
import { createMlflowClient } from 'mlflow-js-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createProject, type Project, plugins, type Run, weightsOf } from '../integration/tiny-federation.js';
import { all } from './all.js';
import { programOf, versions } from './mlflow-server.js';

/** What load_models.py prints of a model. */
interface Loaded {
  readonly flavors: readonly string[];
  readonly input: readonly number[];
  readonly output: readonly (readonly number[])[];
  readonly predicted: readonly (readonly number[])[];
  readonly onnx: readonly (readonly number[])[];
}

const [three, two] = versions;
const servers = inject('mlflowServers');
/** The only one of the environments that has onnx and onnxruntime. */
const python = programOf(three, 'python');

/** Four images of 20 pixels. */
const rows = Array.from({ length: 4 }, (_, row) =>
  Array.from({ length: 20 }, (__, i) => ((7 * row + 3 * i) % 11) / 10),
);

/** `relu(x W1 + b1) W2 + b2` of the final weights, in plain numbers. */
async function logitsByHand(run: Run): Promise<number[][]> {
  const [bias1, kernel1, bias2, kernel2] = [...(await weightsOf(run)).entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, values]) => values) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const dense = (inputs: readonly number[], kernel: Float32Array, bias: Float32Array): number[] =>
    Array.from(bias, (start, unit) =>
      inputs.reduce((sum, input, i) => sum + input * (kernel[i * bias.length + unit] ?? Number.NaN), start),
    );
  return rows.map((row) =>
    dense(
      dense(row, kernel1, bias1).map((sum) => Math.max(0, sum)),
      kernel2,
      bias2,
    ),
  );
}

describe.skipIf(servers[three] === undefined || servers[two] === undefined)('the model of an arm in MLflow', () => {
  let project: Project;
  let run: Run;

  beforeAll(async () => {
    project = await createProject();
    run = await project.run(['executor.workers=1', 'tracking.mlflow=off']);
  });

  afterAll(() => project.remove());

  /** Syncs the run, and returns where Python finds the model of its arm. */
  async function modelOn(server: string, version: string): Promise<string> {
    const experiment = `model-${randomUUID()}`;
    const env = { MLFLOW_TRACKING_URI: server, MLFLOW_EXPERIMENT_NAME: experiment };
    const host = createHost({ plugins, directory: project.folder, env });
    const { runs } = await host.sync(run.folder, { signal: new AbortController().signal });
    const client = createMlflowClient({ trackingUri: server, env: {}, retries: 0 });
    try {
      const { experimentId, modelOutputs, tags } = await client.runs.get(runs['federated'] ?? '');
      if (version === three) {
        const models = await all(client.loggedModels.search({ experimentIds: [experimentId] }));
        expect(models).toMatchObject([{ name: 'model', status: 'READY', sourceRunId: runs['federated'] }]);
        expect(modelOutputs).toEqual([{ modelId: models[0]?.modelId, step: 3 }]);
        return `runs:/${runs['federated'] ?? ''}/model`;
      }
      expect(JSON.parse(tags['mlflow.log-model.history'] ?? '')).toMatchObject([{ artifact_path: 'model' }]);
      const owner = { runId: runs['federated'] ?? '' };
      const folder = join(project.folder, 'downloaded');
      await mkdir(folder);
      const files = (await client.artifacts.list(owner, 'model')).map(({ path }) => path);
      for (const path of files) await client.artifacts.downloadFile(owner, path, join(folder, path));
      return join(folder, 'model');
    } finally {
      await client.close();
    }
  }

  it('gives the logits of the final weights by `mlflow models predict` and in Python, from servers of 3.x and 2.x', async () => {
    const models = [await modelOn(servers[three] ?? '', three), await modelOn(servers[two] ?? '', two)];
    const script = fileURLToPath(new URL('load_models.py', import.meta.url));
    const { stdout } = await promisify(execFile)(python ?? '', [script, JSON.stringify(rows), ...models], {
      env: { ...process.env, MLFLOW_TRACKING_URI: servers[three], MLFLOW_DISABLE_TELEMETRY: 'true' },
    });
    const expected = await logitsByHand(run);
    const loaded = JSON.parse(stdout) as readonly Loaded[];
    expect(loaded).toHaveLength(2);
    for (const { flavors, input, onnx, output, predicted } of loaded) {
      expect(flavors).toEqual(['onnx', 'python_function']);
      expect(input[0]).toBe(-1);
      expect(output).toEqual([[-1, 10]]);
      for (const logits of [predicted, onnx]) {
        const differences = logits.flatMap((row, i) =>
          row.map((value, j) => Math.abs(value - (expected[i]?.[j] ?? Infinity))),
        );
        expect(differences).toHaveLength(40);
        expect(Math.max(...differences)).toBeLessThan(1e-5);
      }
    }
  });
});
