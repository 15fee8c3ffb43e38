"""Weights after 3 rounds by other frameworks, that tests/golden/strategies/strategies.test.ts holds ours against.

| case | local training | server |
|---|---|---|
| fedavg | FedLab | Flower |
| fedprox, scaffold, fednova | FedLab | FedLab |
| fedavgm, fedadagrad, fedadam, fedyogi | FedLab | APPFL |
| fednova with momentum | the optimizer of FedNova's authors | the same |

Made with fedlab 1.3.0, appfl 1.12.0, flwr 1.41.0 and torch 2.15.0, and with github.com/JYWa/FedNova at commit
47b4e096dfb19dc43c728896fff335a5befb645d, of which there is no package. From this folder:

    pip install torch numpy flwr==1.41.0 omegaconf && pip install --no-deps fedlab==1.3.0 appfl==1.12.0
    git clone https://github.com/JYWa/FedNova && git -C FedNova checkout 47b4e096dfb19dc43c728896fff335a5befb645d
    npx jiti federation.ts | python generate.py FedNova > figures.json
    npx biome format --write figures.json

All of them start from the weights that federation.ts gives and train on its batches in its order. FedLab and the authors
of FedNova average over all clients alike and by examples, respectively; the specs in the test say the same. What is
left out: FedLab's FedDyn subtracts the global model once, and not once for each client; its q-FedAvg takes the losses
of the last epoch instead of those at the global model; Flower's FedAdam corrects the moments' bias, which the paper
does not.
"""

import importlib.util
import json
import os
import sys
import threading
import types
import warnings

import torch
from torch import nn

warnings.simplefilter("ignore")


def hollow(*names):
    """Packages without what their __init__ imports, such as data sets and GPU tools; their modules load as ever."""
    for name in names:
        package = types.ModuleType(name)
        package.__path__ = list(importlib.util.find_spec(name).submodule_search_locations)
        sys.modules[name] = package


# Beside their __init__, two modules name what is not there and not used: readers of images, and of a GPU's memory.
for missing in ["fedlab.contrib.dataset.basic_dataset", "fedlab.utils.functional"]:
    sys.modules[missing] = types.SimpleNamespace(FedDataset=object, get_best_gpu=None)
hollow("fedlab.contrib", "fedlab.contrib.dataset", "fedlab.contrib.algorithm", "fedlab.core")
hollow("appfl.algorithm", "appfl.algorithm.aggregator", "appfl.privacy", "appfl.misc")

from fedlab.contrib.algorithm import basic_client, basic_server, fednova, fedprox, scaffold  # noqa: E402
from flwr.server.strategy.aggregate import aggregate  # noqa: E402
from omegaconf import OmegaConf  # noqa: E402

aggregators = sys.modules["appfl.algorithm.aggregator"]
for name in ["BaseAggregator", "FedAvgAggregator", "FedAvgMAggregator"] + [
    f"Fed{rule}Aggregator" for rule in ["Adagrad", "Adam", "Yogi"]
]:
    # What its __init__ would say of these.
    module = importlib.import_module(f"appfl.algorithm.aggregator.{name.replace('Aggregator', '_aggregator').lower()}")
    setattr(aggregators, name, getattr(module, name))

given = json.load(sys.stdin)
ROUNDS, CLIENTS, EPOCHS = len(given["orders"]), len(given["inputs"]), len(given["orders"][0][0])
BATCH, RATE = given["batchSize"], given["learningRate"]
EXAMPLES = [len(labels) for labels in given["labels"]]
INPUTS = [torch.tensor(inputs, dtype=torch.float32) for inputs in given["inputs"]]
LABELS = [torch.tensor(labels) for labels in given["labels"]]
EVERYONE = list(range(CLIENTS))


def make_model():
    """The perceptron with its first weights; a kernel of ours is a weight of torch's, transposed."""
    tensors = {
        name: torch.tensor(tensor["data"], dtype=torch.float32).reshape(tensor["shape"])
        for name, tensor in given["initial"].items()
    }
    features, hidden = tensors["dense-1/kernel"].shape
    model = nn.Sequential(nn.Linear(features, hidden), nn.Tanh(), nn.Linear(hidden, tensors["dense-2/bias"].numel()))
    with torch.no_grad():
        for layer, name in [(model[0], "dense-1"), (model[2], "dense-2")]:
            layer.weight.copy_(tensors[f"{name}/kernel"].T)
            layer.bias.copy_(tensors[f"{name}/bias"])
    return model


def weights_of(model):
    return {
        f"{name}/{part}": [round(value, 7) for value in tensor.detach().T.flatten().tolist()]
        for layer, name in [(model[0], "dense-1"), (model[2], "dense-2")]
        for part, tensor in [("kernel", layer.weight), ("bias", layer.bias)]
    }


def batches(round, client, epoch):
    order = given["orders"][round][client][epoch]
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        yield INPUTS[client][rows], LABELS[client][rows]


class Loader:
    """A client's batches of a round; each iteration is the next epoch."""

    def __init__(self, round, client):
        self.round, self.client, self.epoch = round, client, 0

    def __len__(self):
        return -(-EXAMPLES[self.client] // BATCH)

    def __iter__(self):
        self.epoch += 1
        return batches(self.round, self.client, self.epoch - 1)


class Data:
    round = 0

    def get_dataloader(self, client, batch_size=None):
        return Loader(self.round, client)


def fedlab(handler_class, trainer_class, cohorts, server_options=None, client_options=()):
    """FedLab's standalone loop, with cohorts that are given."""
    handler = handler_class(make_model(), ROUNDS, len(cohorts[0]) / CLIENTS)
    handler.num_clients = CLIENTS
    if server_options is not None:
        handler.setup_optim(*server_options)
    trainer = trainer_class(make_model(), CLIENTS)
    trainer.setup_dataset(Data())
    trainer.setup_optim(EPOCHS, BATCH, RATE, *client_options)
    for round in range(ROUNDS):
        trainer.dataset.round = round
        trainer.local_process(handler.downlink_package, cohorts[round])
        for pack in trainer.uplink_package:
            handler.load(pack)
    return weights_of(handler.model)


def local_models(model, round):
    """Plain local training from a model, by FedLab."""
    trainer = basic_client.SGDSerialClientTrainer(model, CLIENTS)
    trainer.setup_dataset(Data())
    trainer.dataset.round = round
    trainer.setup_optim(EPOCHS, BATCH, RATE)
    start = trainer.model_parameters
    for client in EVERYONE:
        trainer.train(start, trainer.dataset.get_dataloader(client))
        yield {name: tensor.clone() for name, tensor in trainer.model.state_dict().items()}


def flower():
    model = make_model()
    for round in range(ROUNDS):
        sent = [
            ([tensor.numpy() for tensor in local.values()], EXAMPLES[client])
            for client, local in enumerate(local_models(model, round))
        ]
        mean = map(torch.from_numpy, aggregate(sent))
        model.load_state_dict(dict(zip(model.state_dict(), mean)))
    return weights_of(model)


def appfl(aggregator_class, **options):
    model = make_model()
    aggregator = aggregator_class(model, OmegaConf.create({"client_weights_mode": "sample_size", **options}))
    for client in EVERYONE:
        aggregator.set_client_sample_size(client, EXAMPLES[client])
    for round in range(ROUNDS):
        aggregator.aggregate(dict(enumerate(local_models(model, round))))
    return weights_of(model)


def fednova_authors(folder, momentum):
    """The optimizer of Wang et al., one for each client; a thread each, as its `average` waits for the others."""
    barrier, board = threading.Barrier(CLIENTS), [None] * CLIENTS
    this = threading.local()

    def communicate(tensors, _):
        board[this.client] = [tensor.clone() for tensor in tensors]
        barrier.wait()
        for i, tensor in enumerate(tensors):
            tensor.copy_(sum(sent[i] for sent in board))
        barrier.wait()

    sys.modules["comm_helpers"] = types.SimpleNamespace(
        communicate=communicate, flatten_tensors=None, unflatten_tensors=None
    )
    spec = importlib.util.spec_from_file_location("authors", os.path.join(folder, "distoptim/FedNova.py"))
    authors = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(authors)

    models = [make_model() for _ in EVERYONE]
    ratios = [examples / sum(EXAMPLES) for examples in EXAMPLES]
    optimizers = [
        authors.FedNova(model.parameters(), ratio=ratio, gmf=0, lr=RATE, momentum=momentum)
        for model, ratio in zip(models, ratios)
    ]
    for round in range(ROUNDS):
        for client, (model, optimizer) in enumerate(zip(models, optimizers)):
            for epoch in range(EPOCHS):
                for inputs, labels in batches(round, client, epoch):
                    optimizer.zero_grad()
                    nn.CrossEntropyLoss()(model(inputs), labels).backward()
                    optimizer.step()
        # What `average` would sum over a GPU's processes.
        tau = sum(ratio * optimizer.local_normalizing_vec for ratio, optimizer in zip(ratios, optimizers))

        def average(client):
            this.client = client
            optimizers[client].average(tau_eff=tau)

        threads = [threading.Thread(target=average, args=(client,)) for client in EVERYONE]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return weights_of(models[0])


everyone = [EVERYONE] * ROUNDS
turns = [[0, 2], [1, 3], [2, 3]]
moments = {"server_momentum_param_1": 0.9, "server_momentum_param_2": 0.99, "server_adapt_param": 0.001}
adaptive = {"server_learning_rate": 0.05, **moments}
torch.set_num_threads(1)

figures = {
    "fedavg": flower(),
    "fedprox": fedlab(fedprox.FedProxServerHandler, fedprox.FedProxSerialClientTrainer, everyone, None, (0.5,)),
    "scaffold": fedlab(scaffold.ScaffoldServerHandler, scaffold.ScaffoldSerialClientTrainer, everyone, (1.0,)),
    "scaffold-in-turns": fedlab(scaffold.ScaffoldServerHandler, scaffold.ScaffoldSerialClientTrainer, turns, (0.7,)),
    "fednova": fedlab(fednova.FedNovaServerHandler, fednova.FedNovaSerialClientTrainer, everyone, ()),
    "fednova-with-momentum": fednova_authors(sys.argv[1], 0.8),
    "fedavgm": appfl(aggregators.FedAvgMAggregator, server_momentum_param_1=0.9),
    "fedadagrad": appfl(aggregators.FedAdagradAggregator, **adaptive),
    "fedadam": appfl(aggregators.FedAdamAggregator, **adaptive),
    "fedyogi": appfl(aggregators.FedYogiAggregator, **adaptive),
}
print(json.dumps(figures))
