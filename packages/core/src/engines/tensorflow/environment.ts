import { delimiter } from 'node:path';
import type { TensorflowBinding } from './find-binding.js';

/** On a GPU: float32 is float32, and how a product is computed is not chosen by timing it. */
const xlaFlags = [
  '--xla_gpu_deterministic_ops=true',
  '--xla_gpu_autotune_level=0',
  '--xla_gpu_enable_triton_gemm=false',
];

/**
 * The environment of a process that runs TensorFlow, which reads all of these as it starts. Its thread pools belong to
 * the process: one thread each, and parallelism between processes, where it changes no bits.
 */
export function tensorflowEnvironment(
  { libraries }: Pick<TensorflowBinding, 'libraries'>,
  inherited: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const searched = [...libraries, ...(inherited['LD_LIBRARY_PATH']?.split(delimiter) ?? [])];
  return {
    ...inherited,
    TF_NUM_INTRAOP_THREADS: '1',
    TF_NUM_INTEROP_THREADS: '1',
    OMP_NUM_THREADS: '1',
    // Bits: pinned, whatever this machine's default is.
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_DETERMINISTIC_OPS: '1',
    NVIDIA_TF32_OVERRIDE: '0',
    XLA_FLAGS: [inherited['XLA_FLAGS'], ...xlaFlags].join(' ').trim(),
    // Several processes share a GPU: none takes all of its memory at once.
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    TF_CPP_MIN_LOG_LEVEL: '2',
    ...(searched.length === 0 ? {} : { LD_LIBRARY_PATH: searched.join(delimiter) }),
  };
}
