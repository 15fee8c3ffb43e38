"""Synthetic(alpha, beta) of FedProx by NumPy, from draws that are kept with the result.

    pip install numpy && python generate.py > figures.json

The formulas are those of the authors' generator (litian96/FedProx, data/synthetic_1_1/generate_synthetic.py). Its
calls of numpy.random are written out over standard normals z, in its order, so that another implementation can be given
the same z: lognormal(4, 2) = exp(4 + 2 z), normal(m, s) = m + s z, multivariate_normal(m, diag(d)) = m + sqrt(d) z.
"""

import json
import sys

import numpy as np

generator = np.random.default_rng(5)
drawn = []


def z(*shape):
    values = np.round(generator.standard_normal(shape), 3)
    drawn.extend(values.ravel().tolist())
    return values


def synthetic(alpha, beta, users, dimension, classes, iid):
    sizes = np.exp(4 + 2 * z(users)).astype(int) + 50
    mean_w = alpha * z(users)
    b = beta * z(users)
    covariance = np.diag(np.power(np.arange(1, dimension + 1), -1.2))
    mean_x = np.ones((users, dimension)) * b[:, None] if iid else b[:, None] + z(users, dimension)
    model = (z(dimension, classes), z(classes)) if iid else None
    x, y = [], []
    for user in range(users):
        weights, bias = model or (mean_w[user] + z(dimension, classes), mean_w[user] + z(classes))
        inputs = mean_x[user] + z(sizes[user], dimension) @ np.sqrt(covariance)
        x += inputs.tolist()
        y += np.argmax(inputs @ weights + bias, axis=1).tolist()
    return {"sizes": sizes.tolist(), "x": np.round(x, 5).ravel().tolist(), "y": y}


def case(alpha, beta, iid):
    drawn.clear()
    options = {"alpha": alpha, "beta": beta, "clients": 2, "features": 3, "classes": 4, "iid": iid}
    result = synthetic(alpha, beta, 2, 3, 4, iid)
    return {"options": options, "draws": list(drawn), **result}


json.dump([case(0.5, 2.0, False), case(0, 0, True)], sys.stdout)
print()
