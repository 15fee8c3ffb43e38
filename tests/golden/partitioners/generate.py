"""Splits by FedLab and Flower that tests/golden/partitioners/partitioners.test.ts holds ours against.

Made with flwr-datasets 0.6.1 and fedlab 1.3.0 under NumPy 2.4.6, from this folder:

    pip install numpy pandas tqdm datasets matplotlib seaborn && pip install --no-deps flwr-datasets==0.6.1 fedlab==1.3.0
    python generate.py > figures.json

`replays` hold what the reference drew together with what it made of it, so that ours must make exactly the same of the
same draws. `statistics` hold means over 60 to 200 splits. Labels are those of a small dataset of uneven classes.
"""

import importlib.util
import json
import os
import sys
import warnings

import numpy as np
from flwr_datasets.partitioner import (
    DirichletPartitioner,
    ExponentialPartitioner,
    InnerDirichletPartitioner,
    LinearPartitioner,
    PathologicalPartitioner,
)

warnings.simplefilter("ignore")

# The one file that counts: the package around it asks for PyTorch.
folder = importlib.util.find_spec("fedlab").submodule_search_locations[0]
module = importlib.util.spec_from_file_location("functional", os.path.join(folder, "utils/dataset/functional.py"))
fedlab = importlib.util.module_from_spec(module)
module.loader.exec_module(fedlab)

COUNTS = [500, 620, 410, 555, 480, 390, 600, 700, 450, 515]
LABELS = np.repeat(np.arange(10), COUNTS)
N = len(LABELS)


def table(split):
    """Counts of each label by client."""
    return [np.bincount(LABELS[np.asarray(split[k], dtype=int)], minlength=10).tolist() for k in range(len(split))]


class Recorder:
    """Notes what a numpy function returns."""

    def __init__(self, function):
        self.function, self.calls = function, []

    def __call__(self, *args, **kwargs):
        value = self.function(*args, **kwargs)
        self.calls.append(np.asarray(value).tolist())
        return value


def recording(name, call):
    original = getattr(np.random, name)
    recorder = Recorder(original)
    setattr(np.random, name, recorder)
    try:
        return call(), recorder.calls
    finally:
        setattr(np.random, name, original)


class Labelled:
    """The little of a Hugging Face dataset that Flower's partitioners look at, without its slow columns."""

    num_rows = N
    unique = staticmethod(lambda column: np.unique(LABELS).tolist())
    __getitem__ = staticmethod(lambda column: LABELS)
    __len__ = lambda self: N


def flower(partitioner):
    partitioner._dataset = Labelled()
    return [partitioner._partition_id_to_indices[k] for k in range(partitioner.num_partitions)]


class RecordingGenerator:
    """A numpy Generator whose `dirichlet` draws are noted."""

    def __init__(self, seed):
        self.generator, self.draws = np.random.default_rng(seed), []

    def __getattr__(self, name):
        return getattr(self.generator, name)

    def dirichlet(self, *args, **kwargs):
        value = self.generator.dirichlet(*args, **kwargs)
        self.draws.append(value.tolist())
        return value


def replays():
    np.random.seed(1)
    hetero, dirichlets = recording("dirichlet", lambda: fedlab.hetero_dir_partition(LABELS, 8, 10, 0.4, 10))
    shards, permutations = recording("permutation", lambda: fedlab.shards_partition(LABELS, 18, 36))
    np.random.seed(3)
    skew, integers = recording("randint", lambda: fedlab.label_skew_quantity_based_partition(LABELS, 14, 10, 3))
    unbalanced = DirichletPartitioner(6, "label", alpha=0.7, min_partition_size=5, shuffle=False)
    unbalanced._rng = RecordingGenerator(7)
    flower_split = flower(unbalanced)
    return {
        "fedlab.hetero_dir_partition": {"clients": 8, "draws": dirichlets, "counts": table(hetero)},
        "fedlab.shards_partition": {"clients": 18, "shards": 36, "permutation": permutations[0], "counts": table(shards)},
        "fedlab.label_skew_quantity_based_partition": {"clients": 14, "labels": 3, "draws": integers, "counts": table(skew)},
        "flower.DirichletPartitioner": {"clients": 6, "draws": unbalanced._rng.draws, "counts": table(flower_split)},
        "flower.LinearPartitioner": {"clients": 9, "sizes": [sum(row) for row in table(flower(LinearPartitioner(9)))]},
        "flower.ExponentialPartitioner": {"clients": 6, "sizes": [sum(row) for row in table(flower(ExponentialPartitioner(6)))]},
    }


def figures(counts):
    """Of one split: mean total variation to the whole, mean largest share, and deviation of sizes over their mean."""
    counts = np.asarray(counts, dtype=float)
    sizes = counts.sum(1)
    shares = counts / sizes[:, None]
    whole = counts.sum(0) / counts.sum()
    return [
        float(np.abs(shares - whole).sum(1).mean() / 2),
        float(shares.max(1).mean()),
        float(sizes.std() / sizes.mean()),
        float((counts > 0).sum(1).mean()),
    ]


def mean_of(split, times=200):
    values = np.array([figures(table(split(seed))) for seed in range(times)])
    error = values.std(0, ddof=1) / np.sqrt(times)
    names = ["totalVariation", "largestShare", "sizeDeviation", "labelsHeld"]
    return {name: {"mean": float(m), "standardError": float(e)} for name, m, e in zip(names, values.mean(0), error)}


def seeded(call):
    def split(seed):
        np.random.seed(seed)
        return call()

    return split


def inner_dirichlet():
    """FedLab's rows point into its own shuffled copy of the labels: without the shuffle they would be an IID split."""
    sizes = fedlab.balance_split(20, N)
    call = lambda: fedlab.client_inner_dirichlet_partition(LABELS, 20, 10, 1.0, sizes, verbose=False)
    split, permutations = recording("permutation", call)
    return [np.asarray(permutations[0])[rows] for rows in split.values()]


def statistics():
    return {
        "dirichlet-class alpha 0.5, 10 clients (FedLab hetero_dir_partition)": mean_of(
            seeded(lambda: fedlab.hetero_dir_partition(LABELS, 10, 10, 0.5, 10))
        ),
        "dirichlet-class alpha 0.5, 10 clients, unbalanced (Flower DirichletPartitioner)": mean_of(
            lambda seed: flower(DirichletPartitioner(10, "label", alpha=0.5, min_partition_size=10, seed=seed))
        ),
        # With a small alpha FedLab may redraw for ever: a client's labels are exhausted, and it waits for one of them.
        "dirichlet-label flat alpha 1, 20 clients (FedLab client_inner_dirichlet_partition)": mean_of(
            seeded(inner_dirichlet), 60
        ),
        "dirichlet-label flat alpha 0.3, 20 clients (Flower InnerDirichletPartitioner)": mean_of(
            lambda seed: flower(InnerDirichletPartitioner([N // 20] * 20, "label", alpha=0.3, seed=seed)), 60
        ),
        "labels-per-client 2, 20 clients (Flower PathologicalPartitioner)": mean_of(
            lambda seed: flower(
                PathologicalPartitioner(20, "label", 2, class_assignment_mode="first-deterministic", seed=seed)
            )
        ),
        "label-shards 2, 18 clients (FedLab shards_partition)": mean_of(
            seeded(lambda: fedlab.shards_partition(LABELS, 18, 36))
        ),
        "quantity dirichlet alpha 2, 12 clients (FedLab dirichlet_unbalance_split)": mean_of(
            seeded(lambda: fedlab.homo_partition(fedlab.dirichlet_unbalance_split(12, N, 2.0), N))
        ),
    }


json.dump({"counts": COUNTS, "replays": replays(), "statistics": statistics()}, sys.stdout, indent=1)
print()
