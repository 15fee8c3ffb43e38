#!/usr/bin/env bash
# Installs the MLflow servers that tests/mlflow runs against, each in a virtual environment of its own in fedx's cache.
# By uv, which takes seconds where pip takes minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
cache="${FEDX_CACHE:-$PWD/.fedx/cache}/mlflow"
export UV_CACHE_DIR="$cache/uv-cache"

# Adds what an environment lacks; what is there already, by `complete`, takes no time.
install() {
  local folder="$cache/$1" wanted="mlflow==$1 ${*:2}"
  [ "$(cat "$folder/complete" 2>/dev/null)" = "$wanted" ] && return
  if [ ! -e "$cache/uv/bin/uv" ]; then
    python3 -m venv "$cache/uv"
    "$cache/uv/bin/python" -m pip install --quiet --disable-pip-version-check uv==0.13.9
  fi
  [ -e "$folder/complete" ] || { rm -rf "$folder" && "$cache/uv/bin/uv" venv --quiet "$folder"; }
  "$cache/uv/bin/uv" pip install --quiet --python "$folder/bin/python" "mlflow==$1" "${@:2}"
  echo "$wanted" >"$folder/complete"
}

# Kept in step with tests/mlflow/mlflow-server.ts. The first also loads the models that fedx logs
# (core/src/tracking/mlflow-model.ts), and keeps artifacts on moto's S3. MLflow 2 does not start with SQLAlchemy 2.1.
install 3.17.2 Flask-WTF onnx==1.23.2 onnxruntime==1.32.0 boto3==1.44.8 'moto[s3]==5.2.5' flask-cors==6.0.5
install 2.22.5 'sqlalchemy<2.1'
