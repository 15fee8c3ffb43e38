#!/usr/bin/env bash
# Installs the MLflow servers that tests/mlflow runs against, each in a virtual environment of its own in fedx's cache.
set -euo pipefail
cd "$(dirname "$0")/../.."
cache="${FEDX_CACHE:-.fedx/cache}/mlflow"

install() {
  local version="$1" folder="$cache/$1"
  shift
  [ -e "$folder/complete" ] && return
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "mlflow==$version" "$@"
  touch "$folder/complete"
}

# Kept in step with tests/mlflow/mlflow-server.ts.
install 3.17.2 Flask-WTF
# MLflow 2 does not start with SQLAlchemy 2.1.
install 2.22.5 'sqlalchemy<2.1'
