"""PyTorch: the plain training loop, one client after another.

The fair form is what a careful user writes: batches gathered from one tensor with `index_select` (`images[rows]`
makes a step 10 % longer, a DataLoader 38 %), float32 images made once, `torch.optim.SGD` in its default form.
Timed in turns, uint8 images and the foreach and fused optimizers are as fast or up to 8 % slower, and gathering a
whole epoch at once is slower; dropping the optimizer for `autograd.grad` and a hand-written update gains 6 %.
`torch.compile` is left out: this row is the eager loop that people run.

PyTorch's matrix products are MKL's. On the AMD processor where this was written they run at half the
speed of XLA's (see `matmul_limit.py`): name the processor beside this number.

With two threads, OpenMP's threads spin while they wait for each other. On a machine where anything else runs that
makes a round ten to forty times as long (with a second program as busy); waiting passively avoids that.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is loaded

import protocol  # isort: skip (its clock covers the imports below)
import numpy as np
import torch
from torch import nn
from torch.nn import functional

Weights = dict[str, torch.Tensor]


def build_mlp(widths: tuple[int, ...]) -> nn.Sequential:
    """An MLP with relu between its layers, started as every peer is."""
    modules: list[nn.Module] = []
    for weights, bias in protocol.glorot_uniform(widths):
        layer = nn.Linear(*weights.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weights.T))
            layer.bias.copy_(torch.from_numpy(bias))
        modules += [layer, nn.ReLU()]
    return nn.Sequential(*modules[:-1])


def train_epoch(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, order: torch.Tensor, batch_size: int
) -> None:
    """One epoch of plain SGD over the rows `order`; a last, smaller batch is kept."""
    optimizer = torch.optim.SGD(model.parameters(), lr=protocol.LEARNING_RATE)
    for rows in order.split(batch_size):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(images.index_select(0, rows)), labels.index_select(0, rows))
        loss.backward()
        optimizer.step()


@torch.no_grad()
def evaluate(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """Mean loss and accuracy."""
    logits = model(images)
    return functional.cross_entropy(logits, labels).item(), (logits.argmax(1) == labels).float().mean().item()


def scaled(images: np.ndarray) -> torch.Tensor:
    """uint8 pixels as float32 in [0, 1]."""
    return torch.from_numpy(np.array(images)).float().div_(255)


def prepare(dataset: protocol.Dataset, threads: int) -> protocol.Commands:
    torch.set_num_threads(threads)
    images = scaled(dataset.images)
    labels = torch.from_numpy(dataset.labels.astype(np.int64))
    clients = [torch.from_numpy(rows.astype(np.int64)) for rows in dataset.clients]
    test = torch.from_numpy(dataset.test.astype(np.int64))
    test_images, test_labels = images[test], labels[test]
    examples = sum(len(rows) for rows in clients)
    model = build_mlp(protocol.WIDTHS)
    initial = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    def epoch_of_first_client(weights: Weights) -> int:
        model.load_state_dict(weights)
        steps = len(clients[0]) // protocol.BATCH_SIZE
        order = clients[0][torch.randperm(len(clients[0]))[: steps * protocol.BATCH_SIZE]]
        train_epoch(model, images, labels, order, protocol.BATCH_SIZE)
        return steps

    def federated_round(weights: Weights) -> tuple[Weights, float, float]:
        mean = {name: torch.zeros_like(tensor) for name, tensor in weights.items()}
        for rows in clients:
            model.load_state_dict(weights)
            train_epoch(model, images, labels, rows[torch.randperm(len(rows))], protocol.BATCH_SIZE)
            for name, tensor in model.state_dict().items():
                mean[name].add_(tensor, alpha=len(rows) / examples)
        model.load_state_dict(mean)
        return mean, *evaluate(model, test_images, test_labels)

    return protocol.training_commands(initial, epoch_of_first_client, federated_round)


if __name__ == "__main__":
    protocol.serve({"torch": torch.__version__}, prepare)
