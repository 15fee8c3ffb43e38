"""Loads MLflow models as a user of MLflow does, and prints what they make of some inputs.

    python load_models.py '[[0.1, 0.2, …], …]' MODEL…

Prints a JSON list: for each model the flavors that it has, its signature's shapes, and its logits by pyfunc and by
onnxruntime on what `mlflow.onnx.load_model` returns.
"""

import json
import sys

import mlflow
import numpy
import onnxruntime


def describe(uri, rows):
    predictor = mlflow.pyfunc.load_model(uri)
    signature = predictor.metadata.signature
    (shape,) = [spec.shape for spec in signature.inputs.inputs]
    inputs = rows.reshape((len(rows), *shape[1:]))
    session = onnxruntime.InferenceSession(mlflow.onnx.load_model(uri).SerializeToString())
    return {
        "flavors": sorted(predictor.metadata.flavors),
        "input": list(shape),
        "output": [list(spec.shape) for spec in signature.outputs.inputs],
        "pyfunc": predictor.predict(inputs)["logits"].tolist(),
        "onnx": session.run(["logits"], {"inputs": inputs})[0].tolist(),
    }


rows = numpy.array(json.loads(sys.argv[1]), dtype=numpy.float32)
print(json.dumps([describe(uri, rows) for uri in sys.argv[2:]]))
