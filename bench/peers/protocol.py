"""What the peers share: the data folder, the model's starting point, and the conversation with the driver.

Import this module before the framework that is measured: the clock of `prepareSeconds` starts here, and from
here on everything but the answers goes to stderr, whoever prints it.

The conversation is one JSON object a line. The driver sends a command, the peer answers once:

    {"cmd": "prepare", "data": FOLDER, "threads": 1} -> {"ready": true, "versions": {...}, "prepareSeconds": s}
    {"cmd": "steps"}                                 -> {"microsecondsPerStep": us, "steps": n}
    {"cmd": "round"}                                 -> {"seconds": s, "loss": l, "accuracy": a}
    {"cmd": "train-round"}                           -> {"seconds": s}, a round without its evaluation
    {"cmd": "exit"}

A command that a peer does not have is answered {"unsupported": true}.
"""

import time

STARTED = time.perf_counter()

import functools
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

PIXELS = 784
CLASSES = 10
SEED = 2023


@dataclass(frozen=True)
class Workload:
    """What is trained: the model as a spec names it, `epochs` of plain SGD, `cohort` clients a round."""

    model: dict[str, Any]
    batch_size: int
    epochs: int
    learning_rate: float
    cohort: int

    @property
    def widths(self) -> tuple[int, ...]:
        """Of the layers, from the pixels to the logits, where the model is an MLP with relu."""
        if self.model["use"] == "mcmahan-2nn":
            return (PIXELS, 200, 200, CLASSES)
        if self.model["use"] == "mlp" and self.model["activation"] == "relu":
            return (PIXELS, *self.model["hidden"], CLASSES)
        raise ValueError(f"{self.model} is no MLP with relu")


@dataclass(frozen=True)
class Dataset:
    """The images, which rows belong to whom, and what is trained on them.

    `images` is uint8 `[rows, 784]`, mapped rather than read; `labels` is uint8 `[rows]`; `clients[k]` and `test`
    are int32 row numbers.
    """

    images: np.ndarray
    labels: np.ndarray
    clients: tuple[np.ndarray, ...]
    test: np.ndarray
    workload: Workload


@functools.cache
def load_dataset(folder: str) -> Dataset:
    """Reads `images.u8`, `labels.u8`, `split.json` and `workload.json` from `folder`, once a process."""
    root = Path(folder)
    labels = np.fromfile(root / "labels.u8", np.uint8)
    images = np.memmap(root / "images.u8", np.uint8, "r", shape=(len(labels), PIXELS))
    split = json.loads((root / "split.json").read_text())
    clients = tuple(np.array(rows, np.int32) for rows in split["clients"])
    given = json.loads((root / "workload.json").read_text())
    workload = Workload(
        given["model"], given["batchSize"], given["epochs"], given["learningRate"], given["cohort"]
    )
    return Dataset(images, labels, clients, np.array(split["test"], np.int32), workload)


def glorot_uniform(widths: tuple[int, ...]) -> list[tuple[np.ndarray, np.ndarray]]:
    """One (weights `[in, out]`, zero bias `[out]`) for each layer; the same numbers for every peer."""
    random = np.random.default_rng(SEED)
    layers = []
    for fan_in, fan_out in zip(widths, widths[1:]):
        limit = (6 / (fan_in + fan_out)) ** 0.5
        weights = random.uniform(-limit, limit, (fan_in, fan_out)).astype(np.float32)
        layers.append((weights, np.zeros(fan_out, np.float32)))
    return layers


def _claim_stdout() -> Callable[[dict[str, Any]], None]:
    """Returns the writer of answers, and points file descriptor 1 at stderr for all others."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def answer(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    return answer


answer = _claim_stdout()

Commands = dict[str, Callable[[], dict[str, Any]]]


def training_commands(
    initial: Any,
    local_epochs: Callable[[Any], int],
    rounds: dict[str, Callable[[Any], tuple[Any, dict[str, float]]]],
) -> Commands:
    """Times a framework's training, after one warm-up that leaves the model as it was.

    `local_epochs(model)` trains client 0 and returns its number of steps. Each of `rounds`, by the command that it
    answers, returns the next global model and what its evaluation says. None changes `model`, and all return only
    when their numbers are there.
    """
    model = initial
    local_epochs(model)
    for train in rounds.values():
        train(model)

    def steps() -> dict[str, Any]:
        began = time.perf_counter()
        count = local_epochs(model)
        return {"microsecondsPerStep": (time.perf_counter() - began) / count * 1e6, "steps": count}

    def timed(train: Callable[[Any], tuple[Any, dict[str, float]]]) -> dict[str, Any]:
        nonlocal model
        began = time.perf_counter()
        model, evaluation = train(model)
        return {"seconds": time.perf_counter() - began, **evaluation}

    return {"steps": steps, **{name: functools.partial(timed, train) for name, train in rounds.items()}}


def serve(versions: dict[str, str], prepare: Callable[[Dataset, int], Commands]) -> None:
    """Answers the driver until it says `exit` or closes the pipe.

    `prepare(dataset, threads)` builds and warms up, and returns the commands that it supports. `prepareSeconds`
    is that and the imports before it, without the wait for the driver's first line.
    """
    import_seconds = time.perf_counter() - STARTED
    commands: Commands = {}
    for line in sys.stdin:
        request = json.loads(line)
        command = request["cmd"]
        if command == "exit":
            return
        if command == "prepare":
            began = time.perf_counter()
            commands = prepare(load_dataset(request["data"]), request["threads"])
            seconds = import_seconds + time.perf_counter() - began
            answer({"ready": True, "versions": versions, "prepareSeconds": seconds})
        elif command in commands:
            answer(commands[command]())
        else:
            answer({"unsupported": True})
