"""Flower: its simulation with PyTorch clients on two Ray actors, one CPU each.

    python flower_simulation.py FOLDER ROUNDS [--workload seed|many-clients]

Unlike the other peers it is one run from start to end, because that is how Flower is used. It writes a line
`{"round": k, "secondsSinceStart": s, "loss": l, "accuracy": a}` as each round's evaluation ends, then
`{"done": true}`. The clients are those of `split.json`; `many-clients` expects 1,000 and trains 100 a round.

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
from dataclasses import dataclass

import numpy as np
import torch
from flwr.app import ArrayRecord, ConfigRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg
from flwr.simulation import run_simulation

from pytorch_loop import build_mlp, evaluate, scaled, train_epoch

ACTORS = 2


@dataclass(frozen=True)
class Workload:
    widths: tuple[int, ...]
    batch_size: int
    cohort_fraction: float


WORKLOADS = {
    "seed": Workload(protocol.WIDTHS, protocol.BATCH_SIZE, 1.0),
    "many-clients": Workload((784, 200, 200, 10), 10, 0.1),
}

cached_mlp = functools.cache(build_mlp)
client_app = ClientApp()


@client_app.train()
def train(message: Message, context: Context) -> Message:
    """One local epoch of the client whose turn it is in this actor."""
    torch.set_num_threads(1)
    config = message.content["config"]
    workload = WORKLOADS[config["workload"]]
    dataset = protocol.load_dataset(config["data"])
    rows = dataset.clients[context.node_config["partition-id"]]
    model = cached_mlp(workload.widths)
    model.load_state_dict(message.content["arrays"].to_torch_state_dict())
    labels = torch.from_numpy(dataset.labels[rows].astype(np.int64))
    train_epoch(model, scaled(dataset.images[rows]), labels, torch.randperm(len(rows)), workload.batch_size)
    reply = {"arrays": ArrayRecord(model.state_dict()), "metrics": MetricRecord({"num-examples": len(rows)})}
    return Message(content=RecordDict(reply), reply_to=message)


def build_server_app(folder: str, rounds: int, workload_name: str) -> ServerApp:
    """FedAvg for `rounds` rounds, evaluated on the test images after each."""
    workload = WORKLOADS[workload_name]
    dataset = protocol.load_dataset(folder)
    images = scaled(dataset.images[dataset.test])
    labels = torch.from_numpy(dataset.labels[dataset.test].astype(np.int64))
    model = build_mlp(workload.widths)

    def evaluate_round(number: int, arrays: ArrayRecord) -> MetricRecord | None:
        if number == 0:
            return None
        model.load_state_dict(arrays.to_torch_state_dict())
        loss, accuracy = evaluate(model, images, labels)
        seconds = time.perf_counter() - protocol.STARTED
        protocol.answer({"round": number, "secondsSinceStart": seconds, "loss": loss, "accuracy": accuracy})
        return MetricRecord({"loss": loss, "accuracy": accuracy})

    server_app = ServerApp()

    @server_app.main()
    def main(grid: Grid, _: Context) -> None:
        FedAvg(fraction_train=workload.cohort_fraction, fraction_evaluate=0.0).start(
            grid=grid,
            initial_arrays=ArrayRecord(model.state_dict()),
            num_rounds=rounds,
            train_config=ConfigRecord({"data": folder, "workload": workload_name}),
            evaluate_fn=evaluate_round,
        )

    return server_app


def main() -> None:
    parser = argparse.ArgumentParser(description="Flower's simulation of a fedx benchmark.")
    parser.add_argument("folder")
    parser.add_argument("rounds", type=int)
    parser.add_argument("--workload", choices=sorted(WORKLOADS), default="seed")
    arguments = parser.parse_args()
    folder = os.path.abspath(arguments.folder)
    run_simulation(
        server_app=build_server_app(folder, arguments.rounds, arguments.workload),
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
