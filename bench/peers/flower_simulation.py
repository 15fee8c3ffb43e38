"""Flower: its simulation with PyTorch clients on two Ray actors, one CPU each.

    python flower_simulation.py FOLDER ROUNDS [--train-only]

Unlike the other peers it is one run from start to end, because that is how Flower is used. It writes a line
`{"round": k, "secondsSinceStart": s, "loss": l, "accuracy": a}` as each round's evaluation ends, then
`{"done": true}`; with `--train-only` it evaluates nothing and writes `{"round": k, "secondsSinceStart": s}`.

The fair form is the fastest of the ways that Flower's users have: a Message API strategy, actors that keep the
dataset mapped and the model built, a hand-made batch loop on one thread (`pytorch_loop.py`'s; a DataLoader makes
a step 1.4 times as long), one evaluation a round, on the server, and no dashboard.

A CUDA build of PyTorch maps about 170 MB of CUDA libraries in each of the three processes that import it, even
without a GPU; take that into account when memory is compared.
"""

import os

os.environ["FLWR_TELEMETRY_ENABLED"] = "0"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import protocol  # isort: skip (its clock covers the imports below)
import argparse
import functools
import time

import numpy as np
import torch
from flwr.app import ArrayRecord, ConfigRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg
from flwr.simulation import run_simulation
from torch import nn

from pytorch_loop import build_model, evaluate, scaled, train_epoch

ACTORS = 2


@functools.cache
def model_of(folder: str) -> nn.Module:
    return build_model(protocol.load_dataset(folder).workload)


client_app = ClientApp()


@client_app.train()
def train(message: Message, context: Context) -> Message:
    """The local epochs of the client whose turn it is in this actor."""
    torch.set_num_threads(1)
    folder = message.content["config"]["data"]
    dataset = protocol.load_dataset(folder)
    workload = dataset.workload
    rows = dataset.clients[context.node_config["partition-id"]]
    model = model_of(folder)
    model.load_state_dict(message.content["arrays"].to_torch_state_dict())
    images = scaled(dataset.images[rows])
    labels = torch.from_numpy(dataset.labels[rows].astype(np.int64))
    for _ in range(workload.epochs):
        train_epoch(model, images, labels, torch.randperm(len(rows)), workload.batch_size, workload.learning_rate)
    reply = {"arrays": ArrayRecord(model.state_dict()), "metrics": MetricRecord({"num-examples": len(rows)})}
    return Message(content=RecordDict(reply), reply_to=message)


def build_server_app(folder: str, rounds: int, train_only: bool) -> ServerApp:
    """FedAvg for `rounds` rounds, evaluated on the test images after each unless `train_only`."""
    dataset = protocol.load_dataset(folder)
    images = scaled(dataset.images[dataset.test])
    labels = torch.from_numpy(dataset.labels[dataset.test].astype(np.int64))
    model = build_model(dataset.workload)

    def evaluate_round(number: int, arrays: ArrayRecord) -> MetricRecord | None:
        if number == 0:
            return None
        metrics = {}
        if not train_only:
            model.load_state_dict(arrays.to_torch_state_dict())
            loss, accuracy = evaluate(model, images, labels)
            metrics = {"loss": loss, "accuracy": accuracy}
        protocol.answer({"round": number, "secondsSinceStart": time.perf_counter() - protocol.STARTED, **metrics})
        return MetricRecord(metrics)

    server_app = ServerApp()

    @server_app.main()
    def main(grid: Grid, _: Context) -> None:
        fraction = dataset.workload.cohort / len(dataset.clients)
        FedAvg(fraction_train=fraction, fraction_evaluate=0.0).start(
            grid=grid,
            initial_arrays=ArrayRecord(model.state_dict()),
            num_rounds=rounds,
            train_config=ConfigRecord({"data": folder}),
            evaluate_fn=evaluate_round,
        )

    return server_app


def main() -> None:
    parser = argparse.ArgumentParser(description="Flower's simulation of a fedx benchmark.")
    parser.add_argument("folder")
    parser.add_argument("rounds", type=int)
    parser.add_argument("--train-only", action="store_true")
    arguments = parser.parse_args()
    folder = os.path.abspath(arguments.folder)
    run_simulation(
        server_app=build_server_app(folder, arguments.rounds, arguments.train_only),
        client_app=client_app,
        num_supernodes=len(protocol.load_dataset(folder).clients),
        backend_config={
            "init_args": {"num_cpus": ACTORS, "include_dashboard": False},
            "client_resources": {"num_cpus": 1, "num_gpus": 0.0},
        },
    )
    protocol.answer({"done": True})


if __name__ == "__main__":
    # Under its own name, so that the actors import the client instead of unpickling its code with every message.
    import flower_simulation

    flower_simulation.main()
