"""Reads what `fedx export` wrote and answers with one line of JSON.

    python read_models.py FOLDER < inputs.json

FOLDER holds a folder `<name>-savedmodel` for each exported model, and `mlp-safetensors/model.safetensors`, whose model is
computed here by NumPy. Standard input: `{"shape": [...], "values": [...]}`. The answer: `{name: logits}`, and `safetensors`.
"""

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from safetensors.numpy import load_file


def perceptron(weights: dict[str, np.ndarray], inputs: np.ndarray) -> np.ndarray:
    """One hidden layer with relu."""
    flat = inputs.reshape(len(inputs), -1)
    hidden = np.maximum(flat @ weights["dense-1/kernel"] + weights["dense-1/bias"], 0)
    return hidden @ weights["dense-2/kernel"] + weights["dense-2/bias"]


folder = Path(sys.argv[1])
given = json.load(sys.stdin)
inputs = np.array(given["values"], np.float32).reshape(given["shape"])
answers = {"safetensors": perceptron(load_file(folder / "mlp-safetensors" / "model.safetensors"), inputs)}
for path in sorted(folder.glob("*-savedmodel")):
    serve = tf.saved_model.load(str(path)).signatures["serving_default"]
    answers[path.name.removesuffix("-savedmodel")] = serve(inputs=tf.constant(inputs))["logits"].numpy()
print(json.dumps({name: logits.ravel().tolist() for name, logits in answers.items()}))
