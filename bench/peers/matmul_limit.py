"""The limit: the two large matrix products of a training step, alone, in float32 on one thread.

Forward `[32, 784] x [784, 128]` and weight gradient `[784, 32] x [32, 128]`: 13.2 MFLOP. Each is measured with
NumPy (OpenBLAS), PyTorch (MKL) and JAX (XLA's own kernels, called in a compiled loop, so without Python's
overhead), the gradient in both orientations; the fastest of each product counts. All three are needed: which
library is at peak depends on the processor. No step that runs these products can be shorter.
"""

import os
import time
from collections.abc import Callable

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when NumPy is loaded, which is protocol's first import
import protocol  # isort: skip
import jax
import numpy as np
import torch
from jax import lax

REPEATS = 187
Run = Callable[[], object]


def repeated(product: Run) -> Run:
    def run() -> None:
        for _ in range(REPEATS):
            product()

    return run


def numpy_products(x: np.ndarray, w: np.ndarray, g: np.ndarray) -> dict[str, Run]:
    forward, gradient = x @ w, x.T @ g
    transposed = g.T @ x
    return {
        "forward": repeated(lambda: np.matmul(x, w, out=forward)),
        "gradient": repeated(lambda: np.matmul(x.T, g, out=gradient)),
        "gradient transposed": repeated(lambda: np.matmul(g.T, x, out=transposed)),
    }


def torch_products(*arrays: np.ndarray) -> dict[str, Run]:
    x, w, g = (torch.from_numpy(array) for array in arrays)
    forward, gradient, transposed = x @ w, x.T @ g, g.T @ x
    return {
        "forward": repeated(lambda: torch.mm(x, w, out=forward)),
        "gradient": repeated(lambda: torch.mm(x.T, g, out=gradient)),
        "gradient transposed": repeated(lambda: torch.mm(g.T, x, out=transposed)),
    }


def jax_products(*arrays: np.ndarray) -> dict[str, Run]:
    x, w, g = (jax.numpy.asarray(array) for array in arrays)

    def compiled(product: Callable[[jax.Array, jax.Array], jax.Array], left: jax.Array, right: jax.Array) -> Run:
        def body(_, carry):
            # The barrier keeps XLA from lifting the product, the same in every pass, out of the loop.
            return lax.optimization_barrier((carry[0], carry[1], product(carry[0], carry[1])))

        loop = jax.jit(lambda a, b: lax.fori_loop(0, REPEATS, body, (a, b, product(a, b))))
        return lambda: jax.block_until_ready(loop(left, right))

    return {
        "forward": compiled(lambda a, b: a @ b, x, w),
        "gradient": compiled(lambda a, b: a.T @ b, x, g),
        "gradient transposed": compiled(lambda a, b: a.T @ b, g, x),
    }


def prepare(dataset: protocol.Dataset, threads: int) -> protocol.Commands:
    if threads != 1:
        raise ValueError("the limit is that of one thread")
    os.environ["NPROC"] = "1"
    torch.set_num_threads(1)
    random = np.random.default_rng(protocol.SEED)
    pixels, hidden, _ = dataset.workload.widths
    batch = dataset.workload.batch_size
    shapes = [(batch, pixels), (pixels, hidden), (batch, hidden)]
    arrays = [random.standard_normal(shape, np.float32) for shape in shapes]
    libraries = {
        "numpy": numpy_products(*arrays),
        "torch": torch_products(*arrays),
        "jax": jax_products(*arrays),
    }
    for products in libraries.values():
        for run in products.values():
            run()

    def microseconds(run: Run) -> float:
        began = time.perf_counter()
        run()
        return (time.perf_counter() - began) / REPEATS * 1e6

    def steps() -> dict[str, object]:
        measured = {
            library: {name: microseconds(run) for name, run in products.items()}
            for library, products in libraries.items()
        }
        forward = min(products["forward"] for products in measured.values())
        gradient = min(min(p["gradient"], p["gradient transposed"]) for p in measured.values())
        return {"microsecondsPerStep": forward + gradient, "measured": measured}

    return {"steps": steps}


if __name__ == "__main__":
    protocol.serve({"numpy": np.__version__, "torch": torch.__version__, "jax": jax.__version__}, prepare)
