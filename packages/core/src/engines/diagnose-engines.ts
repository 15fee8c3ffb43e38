import { createRequire } from 'node:module';
import { isFedxError } from '../errors/index.js';
import { automaticEngine, type Work } from './choose-engine.js';
import type { Engine } from './engine.js';
import { createOnnxEngine } from './onnx/engine.js';
import { createTensorflowEngine } from './tensorflow/engine.js';
import { findBinding, notFound, unavailable } from './tensorflow/find-binding.js';
import { probeBinding, xlaOf } from './tensorflow/probe.js';
import { tryEngine } from './try-engine.js';

/** What an engine is good for on this machine. */
export interface EngineDiagnosis {
  readonly name: Engine['name'];
  /** It compiled a training step, ran it, and the result was right. */
  readonly usable: boolean;
  /** Of what computes: ONNX Runtime, TensorFlow, tfjs; absent where it could not be asked. */
  readonly version?: string;
  /** What it would compute on. */
  readonly devices: readonly string[];
  /** Where it comes from: a package, or the command that built it. */
  readonly source?: string;
  /** Why it is not usable, and what mends that. */
  readonly problem?: string;
  readonly remedy?: string;
}

export interface EnginesDiagnosis {
  readonly engines: readonly EngineDiagnosis[];
  /** What `engine: { use: auto }` means here, by what takes most of a model's time. */
  readonly automatic: Readonly<Record<Work, Engine['name']>>;
}

/** Tries every engine. Rejects for none of them. */
export async function diagnoseEngines(): Promise<EnginesDiagnosis> {
  const [onnx, tensorflow] = await Promise.all([diagnoseOnnx(), diagnoseTensorflow()]);
  const device = !tensorflow.usable ? undefined : tensorflow.devices.includes('GPU') ? 'GPU' : 'CPU';
  return {
    engines: [onnx, tensorflow, { ...packaged('@tensorflow/tfjs'), name: 'eager', usable: true }],
    automatic: { products: automaticEngine(device, 'products'), windows: automaticEngine(device, 'windows') },
  };
}

async function diagnoseOnnx(): Promise<EngineDiagnosis> {
  const known = { name: 'onnx', ...packaged('onnxruntime-node') } as const;
  try {
    await tryEngine(createOnnxEngine);
    return { ...known, usable: true };
  } catch (error) {
    return unusable(known, error);
  }
}

async function diagnoseTensorflow(): Promise<EngineDiagnosis> {
  const absent = { name: 'tensorflow', devices: [] } as const;
  let known: Omit<EngineDiagnosis, 'usable'> = absent;
  try {
    const binding = findBinding();
    if (binding === undefined) throw unavailable(`TensorFlow is not set up here: ${notFound()}.`);
    known = { ...absent, source: binding.source };
    const description = await probeBinding(binding);
    await tryEngine((options) => createTensorflowEngine({ ...options, binding, xla: xlaOf(description) }));
    return { ...known, ...description, usable: true };
  } catch (error) {
    return unusable(known, error);
  }
}

function unusable(known: Omit<EngineDiagnosis, 'usable'>, error: unknown): EngineDiagnosis {
  const problem = error instanceof Error ? error.message : String(error);
  return { ...known, usable: false, problem, ...(isFedxError(error) ? { remedy: error.hint } : {}) };
}

/** A package that npm brought, running on the CPU. */
function packaged(source: string): Pick<EngineDiagnosis, 'version' | 'source' | 'devices'> {
  const { version } = createRequire(import.meta.url)(`${source}/package.json`) as { readonly version: string };
  return { version, source, devices: ['CPU'] };
}
