#!/usr/bin/env bash
# Installs what Python needs to read exported models: the modules that TensorFlow's wheel asks for and `fedx setup tensorflow`
# leaves out, less those that only training needs, and safetensors. They go beside the wheel's environment, not into it.
set -euo pipefail
cd "$(dirname "$0")/../.."
cache="${FEDX_CACHE:-$PWD/.fedx/cache}/exports"

[ -e "$cache/complete" ] && exit
rm -rf "$cache"
python3 -m pip install --quiet --disable-pip-version-check --target "$cache" \
  absl-py==2.5.1 astunparse==1.6.3 flatbuffers==25.12.19 gast==0.7.0 google-pasta==0.2.0 grpcio==1.85.3 ml-dtypes==0.6.0 \
  numpy==2.4.6 opt-einsum==3.4.0 packaging==26.4 protobuf==7.36.2 requests==2.34.2 six==1.17.0 termcolor==3.3.0 \
  typing-extensions==4.16.0 wrapt==2.5.2 safetensors==0.8.0
touch "$cache/complete"
