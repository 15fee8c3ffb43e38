import type { LoopDefinition } from '@fedx/compiler';
import type { Dataset, Metric, Model } from '../contracts/index.js';
import { createEngine } from '../engines/index.js';
import { translateCompileError } from '../errors/index.js';
import { createPredictor, type MeasuredExamples } from '../experiment/index.js';
import { evaluationStep, tablesOf } from '../programs/index.js';

/** Logits `[examples, classes]`, row-major, and the true classes. */
export interface Scored {
  readonly classes: number;
  readonly logits: Float32Array;
  readonly labels: Uint8Array;
}

/** Whose logits are its inputs. */
const identity: Model = { init: () => ({}), apply: ({ inputs }) => ({ logits: inputs }) };

type Named = Pick<Metric, 'measure'> & { readonly name: string };

/** What a metric measures of examples, in the batches of a run and by plain tfjs. Throws what the metric throws. */
export async function measureExamples(metric: Named, scored: Scored): Promise<MeasuredExamples> {
  const { signal } = new AbortController();
  const bytes = (values: Uint8Array | Float32Array) =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const engine = createEngine(
    { name: 'eager' },
    {
      signal,
      workers: 1,
      directory: '',
      writeFile: () => Promise.resolve(),
      onRetry: () => undefined,
      readTable: ({ content }) => Promise.resolve(bytes(content instanceof Uint8Array ? content : scored.logits)),
    },
  );
  const program = await engine.compile(evaluationOf(metric, scored));
  const predict = createPredictor({ engine, program, metrics: [metric], priority: 0 });
  const { measured } = await predict({}, Uint32Array.from(scored.labels.keys()));
  return { examples: scored.labels.length, classes: scored.classes, measured: measured[metric.name] ?? {} };
}

/** The bytes of the program that a run would execute. Throws FEDX_COMPILE_…. */
export async function compileMetric(metric: Named, scored: Scored): Promise<Uint8Array> {
  const { optimise, toOnnx, traceLoop } = await import('@fedx/compiler');
  return translateCompileError(() => toOnnx(optimise(traceLoop(evaluationOf(metric, scored)))));
}

function evaluationOf(metric: Named, { classes, logits, labels }: Scored): LoopDefinition {
  const dataset: Dataset = {
    examples: labels.length,
    inputShape: [classes],
    inputs: logits,
    scale: 1,
    labels,
    classes,
    digest: '',
  };
  return evaluationStep({
    tables: tablesOf(dataset, 'inputs.f32'),
    model: identity,
    modelName: 'identity',
    parameters: {},
    classes,
    metrics: [metric],
  });
}
