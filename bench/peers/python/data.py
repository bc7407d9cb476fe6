"""The data of every line, bit for bit that of peers/data.ts, and the fingerprint of peers/workload.ts."""

import math

import numpy as np

GOLDEN = 0x9E3779B9


def _hash(seed, size):
    h = np.arange(size, dtype=np.uint32) + np.uint32((seed * GOLDEN) & 0xFFFFFFFF)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x7FEB352D)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(0x846CA68B)
    return h ^ (h >> np.uint32(16))


def _numbers(shape, seed, low, high, dtype="float32"):
    scale = (high - low) / 2**24
    upper = (_hash(seed, math.prod(shape)) >> np.uint32(8)).astype(np.float64)
    return (low + scale * upper).astype(dtype).reshape(shape)


def _classes(size, seed, count):
    return (_hash(seed, size) % np.uint32(count)).astype(np.int64)


def mlp(work):
    """x [batch, inputs], labels [batch], and the layers' (kernel [inputs, units], bias [units])."""
    sizes, batch = work["sizes"], work["batch"]
    bound = 8 / math.sqrt(sizes[0])
    layers = []
    for i, (inputs, units) in enumerate(zip(sizes, sizes[1:])):
        limit = 0.4 if i == 0 else math.sqrt(6 / inputs)
        layers.append((_numbers((inputs, units), 10 + i, -limit, limit), np.zeros(units, np.float32)))
    return _numbers((batch, sizes[0]), 1, -bound, bound), _classes(batch, 2, sizes[-1]), layers


def cnn(work):
    """Images [batch, size, size, channels], labels, the convolutions' (kernel [3, 3, inputs, outputs], bias), the dense layer's."""
    size, channels, classes, batch = work["size"], work["channels"], work["classes"], work["batch"]
    convolutions = []
    for i, (inputs, outputs) in enumerate(zip(channels, channels[1:])):
        limit = math.sqrt(6 / (9 * inputs))
        kernel = _numbers((3, 3, inputs, outputs), 10 + i, -limit, limit)
        convolutions.append((kernel, np.zeros(outputs, np.float32)))
    side = size // 2 ** len(convolutions)
    inputs = side * side * channels[-1]
    limit = math.sqrt(6 / inputs)
    dense = _numbers((inputs, classes), 20, -limit, limit), np.zeros(classes, np.float32)
    x = _numbers((batch, size, size, channels[0]), 1, -1, 1)
    return x, _classes(batch, 2, classes), convolutions, dense


def elementwise_grad(work):
    return _numbers((work["size"],), 1, -2, 2)


def cross_entropy_grad(work):
    rows, count = work["rows"], work["classes"]
    return _numbers((rows, count), 1, -4, 4), _classes(rows, 2, count)


def matmul(work):
    shape, dtype = (work["size"], work["size"]), work["dtype"]
    return _numbers(shape, 1, -1, 1, dtype), _numbers(shape, 2, -1, 1, dtype)


def layer_norm(work):
    """x, scale, shift, target."""
    rows, columns = work["rows"], work["columns"]
    return (
        _numbers((rows, columns), 1, -2, 2),
        _numbers((columns,), 2, 0.5, 1.5),
        _numbers((columns,), 3, -0.5, 0.5),
        _numbers((rows, columns), 4, -1, 1),
    )


def attention(work):
    """q, k, v, target."""
    shape = (work["heads"], work["length"], work["depth"])
    return [_numbers(shape, seed, low, -low) for seed, low in ((1, -2), (2, -2), (3, -2), (4, -1))]


def recurrent(work):
    """w, x."""
    units, steps = work["units"], work["steps"]
    return _numbers((units, units), 1, -0.2, 0.2), _numbers((steps, units), 2, -1, 1)


def add_chain(work):
    return _numbers((work["size"],), 1, -1, 1), _numbers((work["size"],), 2, -1, 1)


def fingerprint(values):
    values = np.asarray(values, np.float64).reshape(-1)
    later = values * (1 + np.arange(values.size) / values.size)
    return [math.sqrt(np.sum(values**2)), math.sqrt(np.sum(later**2)), float(np.sum(values[values > 0]))]
