"""Uses MLflow models as a user of MLflow does, and prints what they make of some inputs.

    python load_models.py '[[0.1, 0.2, …], …]' MODEL…

Prints a JSON list: for each model the flavors that it has, its signature's shapes, and its logits by `mlflow models predict`
(which loads it as a pyfunc) and by onnxruntime on what `mlflow.onnx.load_model` returns.
"""

import json
import pathlib
import sys
import tempfile

import mlflow
import numpy
import onnxruntime
from mlflow.cli import cli


def predict(uri, inputs):
    """What the program `mlflow` does, in this process: loading MLflow takes seconds."""
    with tempfile.TemporaryDirectory() as folder:
        question, answer = (pathlib.Path(folder) / name for name in ("question.json", "answer.json"))
        question.write_text(json.dumps({"inputs": inputs.tolist()}))
        files = ["--input-path", str(question), "--output-path", str(answer)]
        arguments = ["models", "predict", "--model-uri", uri, "--env-manager", "local", "--content-type", "json", *files]
        cli.main(arguments, standalone_mode=False)
        return json.loads(answer.read_text())["predictions"]["logits"]


def describe(uri, rows):
    model = mlflow.models.get_model_info(uri)
    (shape,) = [spec.shape for spec in model.signature.inputs.inputs]
    inputs = rows.reshape((len(rows), *shape[1:]))
    session = onnxruntime.InferenceSession(mlflow.onnx.load_model(uri).SerializeToString())
    return {
        "flavors": sorted(model.flavors),
        "input": list(shape),
        "output": [list(spec.shape) for spec in model.signature.outputs.inputs],
        "predicted": predict(uri, inputs),
        "onnx": session.run(["logits"], {"inputs": inputs})[0].tolist(),
    }


rows = numpy.array(json.loads(sys.argv[1]), dtype=numpy.float32)
print(json.dumps([describe(uri, rows) for uri in sys.argv[2:]]))
