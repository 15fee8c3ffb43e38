"""PyTorch: the plain training loop, one client after another.

The fair form is what a careful user writes: batches gathered from one tensor with `index_select` (`images[rows]`
makes a step 10 % longer, a DataLoader 38 %), float32 images made once, `torch.optim.SGD` in its default form.
Timed in turns, uint8 images and the foreach and fused optimizers are as fast or up to 8 % slower, and gathering a
whole epoch at once is slower; dropping the optimizer for `autograd.grad` and a hand-written update gains 6 %.
`torch.compile` is left out: this row is the eager loop that people run. Convolutions run on NCHW, PyTorch's default.

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

# Where everything lies from the start and stays; bench/gpu.sh sets it.
DEVICE = torch.device(os.environ.get("FEDX_BENCH_TORCH_DEVICE", "cpu"))


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


def build_cnn(filters: tuple[int, int], padding: int, widths: tuple[int, ...]) -> nn.Sequential:
    """Two 5x5 convolutions, each with relu and 2x2 max pooling, and dense layers of `widths`; on flat rows."""
    modules: list[nn.Module] = [nn.Unflatten(1, (1, 28, 28))]
    for inputs, outputs in zip((1, *filters), filters):
        modules += [nn.Conv2d(inputs, outputs, 5, padding=padding), nn.ReLU(), nn.MaxPool2d(2)]
    modules.append(nn.Flatten())
    for inputs, outputs in zip(widths, widths[1:]):
        modules += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*modules[:-1])


class ResidualBlock(nn.Module):
    """relu(F(x) + shortcut(x)), F two 3x3 convolutions; with group normalisation, as fedx's resnet-gn."""

    def __init__(self, inputs: int, filters: int, stride: int, groups: int) -> None:
        super().__init__()

        def convolve(size: int, from_: int, step: int) -> nn.Sequential:
            convolution = nn.Conv2d(from_, filters, size, step, padding=size // 2, bias=False)
            return nn.Sequential(convolution, nn.GroupNorm(groups, filters))

        self.path = nn.Sequential(convolve(3, inputs, stride), nn.ReLU(), convolve(3, filters, 1))
        same = stride == 1 and inputs == filters
        self.shortcut = nn.Identity() if same else convolve(1, inputs, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.path(x) + self.shortcut(x))


def build_resnet(stages: list[int], width: int, groups: int) -> nn.Sequential:
    """A 3x3 convolution, stages of blocks that each halve the image and double the channels, but the first; on flat rows."""
    modules: list[nn.Module] = [nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, width, 3, padding=1, bias=False)]
    modules += [nn.GroupNorm(groups, width), nn.ReLU()]
    inputs = width
    for stage, blocks in enumerate(stages):
        for block in range(blocks):
            filters = width * 2**stage
            modules.append(ResidualBlock(inputs, filters, 2 if stage > 0 and block == 0 else 1, groups))
            inputs = filters
    return nn.Sequential(*modules, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, protocol.CLASSES))


def build_model(workload: protocol.Workload) -> nn.Module:
    """From float32 `[batch, 784]` to logits."""
    match workload.model["use"]:
        case "resnet-gn":
            return build_resnet(workload.model["stages"], workload.model["width"], workload.model["groups"])
        case "lenet":
            return build_cnn((6, 16), 0, (256, 120, 84, protocol.CLASSES))
        case "mcmahan-cnn":
            return build_cnn((32, 64), 2, (3136, 512, protocol.CLASSES))
    return build_mlp(workload.widths)


def train_epoch(
    model: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    order: torch.Tensor,
    batch_size: int,
    learning_rate: float,
) -> None:
    """One epoch of plain SGD over the rows `order`; a last, smaller batch is kept."""
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
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
    workload = dataset.workload
    images = scaled(dataset.images).to(DEVICE)
    labels = torch.from_numpy(dataset.labels.astype(np.int64)).to(DEVICE)
    clients = [torch.from_numpy(rows.astype(np.int64)).to(DEVICE) for rows in dataset.clients]
    test = torch.from_numpy(dataset.test.astype(np.int64)).to(DEVICE)
    test_images, test_labels = images[test], labels[test]
    random = np.random.default_rng(protocol.SEED)
    model = build_model(workload).to(DEVICE)
    initial = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    def train_client(weights: Weights, rows: torch.Tensor) -> None:
        model.load_state_dict(weights)
        for _ in range(workload.epochs):
            order = rows[torch.randperm(len(rows), device=DEVICE)]
            train_epoch(model, images, labels, order, workload.batch_size, workload.learning_rate)

    def epochs_of_first_client(weights: Weights) -> int:
        steps = len(clients[0]) // workload.batch_size
        train_client(weights, clients[0][: steps * workload.batch_size])
        if DEVICE.type == "cuda":
            torch.cuda.synchronize()
        return steps * workload.epochs

    def train_round(weights: Weights) -> tuple[Weights, dict[str, float]]:
        mean = {name: torch.zeros_like(tensor) for name, tensor in weights.items()}
        cohort = [clients[k] for k in random.choice(len(clients), workload.cohort, replace=False)]
        examples = sum(len(rows) for rows in cohort)
        for rows in cohort:
            train_client(weights, rows)
            for name, tensor in model.state_dict().items():
                mean[name].add_(tensor, alpha=len(rows) / examples)
        if DEVICE.type == "cuda":
            torch.cuda.synchronize()
        return mean, {}

    def federated_round(weights: Weights) -> tuple[Weights, dict[str, float]]:
        mean, _ = train_round(weights)
        model.load_state_dict(mean)
        loss, accuracy = evaluate(model, test_images, test_labels)
        return mean, {"loss": loss, "accuracy": accuracy}

    rounds = {"round": federated_round, "train-round": train_round}
    return protocol.training_commands(initial, epochs_of_first_client, rounds)


if __name__ == "__main__":
    protocol.serve({"torch": torch.__version__}, prepare)
