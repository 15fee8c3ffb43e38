"""JAX: a client's epoch as one compiled loop, a federated round as one compiled program.

The fair form is the fastest that we found, each candidate timed in turns with the others:

- Images stay uint8 on the device and become float32 after the gather; float32 images are 4 % slower (four times
  the bytes to gather). Unrolling the loop, a hand-written gradient, transposed weights, and the flags for oneDNN,
  XNNPACK, YNNPACK, fast math and 512-bit vectors change a step by less than the noise.
- The permutation is NumPy's, on the host: JAX's own sorts, which is slow on a CPU.
- A round is one program: every CPU device loops over its share of the clients, the weighted sum crosses
  devices once, and the evaluation is split the same way. With one device this equals calling a compiled epoch
  for each client, and beats `vmap` over the clients by 7 %.
- `threads` CPU devices of one thread's work each, not one device with `threads` threads: on two cores a round
  takes 0.57 of its one-core time this way and 0.74 with one device whose matrix products are split. Two Python
  threads calling the compiled epoch are as fast as two devices.
- `steps` has a single client, so there a second thread can only split the matrix products.

XLA's CPU client takes the size of its thread pool from NPROC; it is set before the first array, which is when
that client starts, so one thread means one.
"""

import os
from functools import partial

import protocol  # isort: skip (its clock covers the imports below)
import jax
import jax.numpy as jnp
import jaxlib
import numpy as np
from jax import lax
from jax.sharding import AxisType, NamedSharding, PartitionSpec

Layers = list[tuple[jax.Array, jax.Array]]

CLIENTS_OR_ROWS = PartitionSpec("cpu")
EVERYWHERE = PartitionSpec()


def logits_of(model: Layers, images: jax.Array) -> jax.Array:
    """float32 `[batch, 784]` -> `[batch, classes]`."""
    hidden = images
    for weights, bias in model[:-1]:
        hidden = jax.nn.relu(hidden @ weights + bias)
    weights, bias = model[-1]
    return hidden @ weights + bias


def weighted_loss(model: Layers, images: jax.Array, labels: jax.Array, weights: jax.Array) -> jax.Array:
    """Softmax cross-entropy, summed with one weight an image."""
    log_likelihood = jax.nn.log_softmax(logits_of(model, images)) * jax.nn.one_hot(labels, protocol.CLASSES)
    return -jnp.sum(weights[:, None] * log_likelihood)


def sgd_step(
    rate: float, model: Layers, rows: jax.Array, weights: jax.Array, images: jax.Array, labels: jax.Array
) -> Layers:
    """One batch: gather, forward, backward, update. `rate` is a constant of the program."""
    batch = images.at[rows].get(mode="promise_in_bounds").astype(jnp.float32) * (1 / 255)
    gradient = jax.grad(weighted_loss)(model, batch, labels.at[rows].get(mode="promise_in_bounds"), weights)
    return jax.tree.map(lambda p, g: p - rate * g, model, gradient)


def full_batches(
    rate: float, model: Layers, order: jax.Array, count: jax.Array, images: jax.Array, labels: jax.Array
) -> Layers:
    """`count` steps over the first rows of `order` (`[batches, batch]`)."""
    size = order.shape[1]
    mean = jnp.full(size, 1 / size, jnp.float32)
    return lax.fori_loop(0, count, lambda k, m: sgd_step(rate, m, order[k], mean, images, labels), model)


def local_epoch(
    rate: float, model: Layers, order: jax.Array, examples: jax.Array, images: jax.Array, labels: jax.Array
) -> Layers:
    """One epoch of a client with `examples` images, the last, smaller batch included by weights of zero."""
    size = order.shape[1]
    count, rest = examples // size, examples % size
    model = full_batches(rate, model, order, count, images, labels)
    weights = jnp.where(jnp.arange(size) < rest, 1 / jnp.maximum(rest, 1), 0.0)
    return sgd_step(rate, model, order[count], weights, images, labels)


def round_on_one_device(rate, model, orders, examples, images, labels, test_images, test_labels):
    """This device's clients and test images; the sums over devices give the global model, loss and accuracy."""

    def add_client(total, client):
        order, count = client
        trained = local_epoch(rate, model, order, count, images, labels)
        return jax.tree.map(lambda t, p: t + count * p, total, trained), None

    total, _ = lax.scan(add_client, jax.tree.map(jnp.zeros_like, model), (orders, examples))
    total, examples_everywhere = lax.psum((total, jnp.sum(examples)), "cpu")
    mean = jax.tree.map(lambda t: t / examples_everywhere, total)
    loss = weighted_loss(mean, test_images, test_labels, jnp.ones(len(test_labels)))
    correct = jnp.sum(jnp.argmax(logits_of(mean, test_images), 1) == test_labels)
    return mean, *lax.psum((loss, correct), "cpu")


def prepare(dataset: protocol.Dataset, threads: int) -> protocol.Commands:
    workload = dataset.workload
    if len(dataset.clients) % threads or len(dataset.test) % threads:
        raise ValueError(f"{threads} threads do not share out clients and test images evenly")
    if workload.epochs != 1 or workload.cohort != len(dataset.clients):
        raise ValueError("a round is one epoch of every client here")
    os.environ["NPROC"] = str(threads)
    jax.config.update("jax_num_cpu_devices", threads)
    mesh = jax.make_mesh((threads,), ("cpu",), axis_types=(AxisType.Auto,))
    everywhere = partial(jax.device_put, device=NamedSharding(mesh, EVERYWHERE))
    split = partial(jax.device_put, device=NamedSharding(mesh, CLIENTS_OR_ROWS))

    images = everywhere(np.asarray(dataset.images))
    labels = everywhere(dataset.labels.astype(np.int32))
    test_images = split(dataset.images[dataset.test].astype(np.float32) / 255)
    test_labels = split(dataset.labels[dataset.test].astype(np.int32))
    examples = np.array([len(rows) for rows in dataset.clients], np.int32)
    random = np.random.default_rng(protocol.SEED)

    def shuffled(rows: np.ndarray, batches: int) -> np.ndarray:
        order = np.zeros(batches * workload.batch_size, np.int32)
        order[: len(rows)] = random.permutation(rows)
        return order.reshape(batches, workload.batch_size)

    first_images, first_labels = images.addressable_data(0), labels.addressable_data(0)
    steps_of_first = len(dataset.clients[0]) // workload.batch_size
    compiled_epoch = jax.jit(partial(full_batches, workload.learning_rate))

    def epoch_of_first_client(model: Layers) -> int:
        local = jax.tree.map(lambda p: p.addressable_data(0), model)
        order = shuffled(dataset.clients[0], steps_of_first + 1)
        jax.block_until_ready(compiled_epoch(local, order, steps_of_first, first_images, first_labels))
        return steps_of_first

    compiled_round = jax.jit(
        jax.shard_map(
            partial(round_on_one_device, workload.learning_rate),
            mesh=mesh,
            in_specs=(EVERYWHERE, CLIENTS_OR_ROWS, CLIENTS_OR_ROWS, EVERYWHERE, EVERYWHERE)
            + (CLIENTS_OR_ROWS, CLIENTS_OR_ROWS),
            out_specs=EVERYWHERE,
            check_vma=False,
        )
    )
    most_batches = int(examples.max()) // workload.batch_size + 1

    def federated_round(model: Layers) -> tuple[Layers, dict[str, float]]:
        orders = np.stack([shuffled(rows, most_batches) for rows in dataset.clients])
        model, loss, correct = compiled_round(model, orders, examples, images, labels, test_images, test_labels)
        tested = len(dataset.test)
        return jax.block_until_ready(model), {"loss": float(loss) / tested, "accuracy": float(correct) / tested}

    initial = everywhere(protocol.glorot_uniform(workload.widths))
    return protocol.training_commands(initial, epoch_of_first_client, {"round": federated_round})


if __name__ == "__main__":
    protocol.serve({"jax": jax.__version__, "jaxlib": jaxlib.__version__}, prepare)
