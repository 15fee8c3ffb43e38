#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: sets TensorFlow up with CUDA, trains the compiler's corpus on it, and prints rounds a
# second against PyTorch on the same GPU. Needs what README and bench/peers/README.md ask for: `npm ci`, a Python with the peers.
#
#     bench/gpu.sh [options of npm run bench -- gpu, e.g. --turns 5 --only mlp,cnn --write]
#     bench/gpu.sh --cpu …      the same steps without a GPU: to try the script, not to measure
set -euo pipefail
cd "$(dirname "$0")/.."

device=cuda
setup=(--cuda)
if [ "${1:-}" = --cpu ]; then
  device=cpu
  setup=()
  shift
fi

if [ "$device" = cuda ]; then
  command -v nvidia-smi >/dev/null || {
    echo 'There is no nvidia-smi: install the driver of an NVIDIA GPU, or try the script with --cpu.' >&2
    exit 1
  }
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
  "${FEDX_BENCH_PYTHON:-bench/.venv/bin/python}" -c 'import torch; assert torch.cuda.is_available(), "PyTorch sees no GPU"'
fi

npm run --silent build
npx fedx setup tensorflow "${setup[@]}"
engines=$(npx fedx doctor --json)
if [ "$device" = cuda ] && ! grep -q '"GPU"' <<<"$engines"; then
  echo 'TensorFlow was set up, but it sees no GPU; this is what fedx doctor says:' >&2
  npx fedx doctor >&2
  exit 1
fi

# The tests load TensorFlow into their own processes, which must know its libraries before they start.
find_libraries="import { findBinding } from './packages/core/dist/engines/tensorflow/find-binding.js';
console.log(findBinding().libraries.join(':'));"
corpus=(npx vitest run --project integration tests/tensorflow/corpus.test.ts)
if [ "$device" = cuda ]; then
  LD_LIBRARY_PATH=$(node --input-type=module -e "$find_libraries") FEDX_TEST_XLA_DEVICE=/device:GPU:0 CI=true "${corpus[@]}"
else
  CI=true "${corpus[@]}"
fi
FEDX_BENCH_TORCH_DEVICE=$device npm run --silent bench -- gpu "$@"
