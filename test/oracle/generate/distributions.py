"""Random numbers of all distributions but the uniform and the normal: those of jax.random, partitionable Threefry."""

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np

from common import DTYPES, File, inf, rounded, sample
from elementary import erfinv

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_threefry_partitionable", True)

SEEDS = [0, 1, 42, -1, 2**31, 2**32 + 5]
SHAPES = [(), (1,), (7,), (2, 3), (0, 3), (3, 1, 4), (40,)]
FLOATS = (("float32", np.float32), ("float64", np.float64))
BOUNDS = [(-2.0, 2.0), (-1.0, 3.0), (0.5, 1.25), (-inf, 0.0), (1.0, inf), (-0.25, 0.125), (1.5, 3.0)]
RANGES = [(0, 10), (-3, 12), (0, 1), (-5, -4), (0, 2**16), (0, 70000), (-(2**31), 2**31 - 1), (-(2**31), 2**31),
          (5, 2**31 - 1), (0, 2**30 + 1)]  # fmt: skip
UNSIGNED = [(0, 7), (0, 2**32), (1, 2**32), (2**31, 2**31 + 100000), (0, 3 * 2**30)]
PROBABILITIES = [0.0, 0.1, 0.5, 0.75, 1.0]


def raw(key):
    return np.asarray(jax.random.key_data(key))


def keys():
    """Keys of seeds, and keys made of those."""
    result = [jax.random.key(seed) for seed in SEEDS]
    child = jax.random.split(result[2], 3)[1]
    return [*result, child, jax.random.fold_in(child, 7)]


def exactly(fn, u, dtype):
    """fn of the uniform numbers of a draw, by mpmath, rounded once."""
    values = [rounded(fn(mp.mpf(float(x)))) for x in np.asarray(u).ravel()]
    return np.array(values, dtype=np.float64).reshape(np.shape(u)).astype(dtype)


def folded(file):
    for key in keys():
        for data in (0, 1, 5, 2**31, 2**32 - 1):
            file.add("random.foldIn", "uint32", [raw(key), data], raw(jax.random.fold_in(key, data)))
    key = jax.random.key(3)
    file.add("random.foldIn", "uint32", [raw(key), np.uint32(2**32 - 2)], raw(jax.random.fold_in(key, 2**32 - 2)))
    nested = key
    for data in (3, 1, 4, 1, 5):
        file.add("random.foldIn", "uint32", [raw(nested), data], raw(jax.random.fold_in(nested, data)), note="nested")
        nested = jax.random.fold_in(nested, data)
    # The dtype that a case counts for is that of the number.
    for data in (0, 1, 77, 2**31 - 1, -1):
        value = np.int32(data)
        file.add("random.foldIn", "int32", [raw(key), value], raw(jax.random.fold_in(key, np.uint32(data & 0xFFFFFFFF))),
                 out_dtype="uint32")  # fmt: skip


def integers(file):
    for dtype, own, ranges in (("int32", np.int32, RANGES), ("uint32", np.uint32, UNSIGNED)):
        for i, (low, high) in enumerate(ranges):
            for k in (i, i + 3):
                key, shape = keys()[k % 8], SHAPES[k % len(SHAPES)]
                drawn = np.asarray(jax.random.randint(key, shape, low, high, own))
                options = {"key": raw(key), "low": low, "high": high, "dtype": dtype}
                file.add("random.randint", dtype, [list(shape), options], drawn)
    for i, shape in enumerate(SHAPES):
        key = keys()[i]
        for dtype, own in (("int32", np.int32), ("float32", np.float32), ("float64", np.float64)):
            drawn = np.asarray(jax.random.bernoulli(key, np.float32(0.5), shape)).astype(own) * own(2) - own(1)
            file.add("random.rademacher", dtype, [list(shape), {"key": raw(key), "dtype": dtype}], drawn.astype(own))


def orders(file):
    """Of up to 1625 elements in one round, of up to 2.6 million in two."""
    for i, n in enumerate((0, 1, 2, 10, 33, 1625, 1626, 2000)):
        for key in (keys()[i % 8], keys()[(i + 5) % 8]):
            drawn = np.asarray(jax.random.permutation(key, n)).astype(np.int32)
            file.add("random.permutation", "int32", [n, {"key": raw(key)}], drawn)


def items(file):
    for i, (n, shape) in enumerate([(5, ()), (10, (4,)), (3, (2, 5)), (1, (3,)), (1000, (2, 2)), (4, (0,))]):
        key = keys()[i]
        with jax.enable_x64(False):  # with it, JAX draws indices of 64 bits
            drawn = np.asarray(jax.random.choice(key, n, shape)).astype(np.int32)
        file.add("random.choice", "int32", [n, {"key": raw(key), "shape": list(shape)}], drawn)
    for i, (n, shape) in enumerate([(5, ()), (10, (4,)), (6, (2, 3)), (1, (1,)), (2000, (20,)), (3, (3,))]):
        key, options = keys()[i + 1], {"key": raw(keys()[i + 1]), "shape": list(shape), "replace": False}
        drawn = np.asarray(jax.random.choice(key, n, shape, replace=False)).astype(np.int32)
        file.add("random.choice", "int32", [n, options], drawn)
        for dtype, own in FLOATS:
            p = np.abs(sample(dtype, (n,), 0.1, 1, ("p", i))) if n < 100 else np.ones(n, own)
            drawn = np.asarray(jax.random.choice(key, n, shape, replace=False, p=p)).astype(np.int32)
            file.add("random.choice", dtype, [n, {**options, "p": p}], drawn, out_dtype="int32")
    # With p and replacement the numbers are not JAX's: those where only one item can come.
    for dtype in ("bool", "int32", "uint32", *(name for name, _ in FLOATS)):
        for i in range(4):
            p = np.zeros(4, DTYPES[dtype])
            p[i] = 1
            file.add("random.choice", dtype, [4, {"key": raw(keys()[i]), "shape": [3], "p": p}], np.full(3, i, np.int32),
                     out_dtype="int32", note="certain")  # fmt: skip


def truths(file):
    for i, shape in enumerate(SHAPES):
        key = keys()[(2 * i + 1) % 8]
        for p in PROBABILITIES[i % 2 :: 2]:
            drawn = np.asarray(jax.random.bernoulli(key, np.float32(p), shape))
            file.add("random.bernoulli", "float32", [list(shape), {"key": raw(key), "p": p}], drawn, out_dtype="bool")
        for dtype, own in FLOATS:
            p = sample(dtype, shape, 0, 1, ("p", i))
            drawn = np.asarray(jax.random.bernoulli(key, p))
            file.add("random.bernoulli", dtype, [p, {"key": raw(key)}], drawn, out_dtype="bool")
            rows = (5, *shape)
            drawn = np.asarray(jax.random.bernoulli(key, p, rows))
            file.add("random.bernoulli", dtype, [list(rows), {"key": raw(key), "p": p}], drawn, out_dtype="bool")
    for dtype, own in (("bool", np.bool_), ("int32", np.int32), ("uint32", np.uint32)):
        for i in range(4):
            p = np.array([0, 1, 1, 0, 1][i:], own)
            file.add("random.bernoulli", dtype, [p, {"key": raw(keys()[i])}], p.astype(np.bool_), out_dtype="bool",
                     note="certain")  # fmt: skip


def choices(file):
    cases = [((3,), -1, None), ((2, 5), -1, None), ((2, 5), 0, None), ((4, 3), 1, (6, 4)), ((1, 8), -1, (3, 2, 1)),
             ((2, 3, 4), 1, (5, 2, 4)), ((0, 3), -1, None), ((3, 1), 0, (2, 1)), ((1,), 0, (4,))]  # fmt: skip
    for i, (logits_shape, axis, shape) in enumerate(cases):
        key = keys()[i % 8]
        for dtype, own in FLOATS:
            logits = sample(dtype, logits_shape, -3, 3, ("logits", i))
            drawn = np.asarray(jax.random.categorical(key, logits, axis, shape)).astype(np.int32)
            options = {"key": raw(key), "axis": axis, **({} if shape is None else {"shape": list(shape)})}
            file.add("random.categorical", dtype, [logits, options], drawn, out_dtype="int32")
    key = keys()[4]
    for dtype, own in FLOATS:
        logits = np.array([-inf, 0, -inf, 1], own)
        drawn = np.asarray(jax.random.categorical(key, logits, shape=(20,))).astype(np.int32)
        file.add("random.categorical", dtype, [logits, {"key": raw(key), "shape": [20]}], drawn, out_dtype="int32")
    for dtype, own in (("bool", np.bool_), ("int32", np.int32), ("uint32", np.uint32)):
        for i in range(4):
            logits = sample(dtype, (2, 3), 0, 4, ("integers", i))
            drawn = np.asarray(jax.random.categorical(keys()[i], logits.astype(np.float32))).astype(np.int32)
            file.add("random.categorical", dtype, [logits, {"key": raw(keys()[i])}], drawn, out_dtype="int32")


def numbers(file):
    for i, shape in enumerate(SHAPES):
        key = keys()[(3 * i + 1) % 8]
        for dtype, own in FLOATS:
            info = np.finfo(own)
            options = {"key": raw(key), "dtype": dtype}
            u = np.asarray(jax.random.uniform(key, shape, own))
            signed = np.asarray(jax.random.uniform(key, shape, own, own(-1 + info.epsneg), own(1)))
            positive = np.asarray(jax.random.uniform(key, shape, own, info.tiny, own(1)))
            # XLA's log1p is up to 52 ulp off in float64. Where log(u) is near -1, the outer logarithm cancels.
            draws = [
                ("exponential", jax.random.exponential, exactly(lambda x: -mp.log1p(-x), u, own), 0),
                ("laplace", jax.random.laplace, exactly(lambda x: mp.sign(x) * mp.log1p(-abs(x)), signed, own), 0),
                ("gumbel", jax.random.gumbel, exactly(lambda x: -mp.log(-mp.log(x)), positive, own), 1),
            ]
            for name, fn, exact, scale in draws:
                drawn = np.asarray(fn(key, shape, own))
                file.add(f"random.{name}", dtype, [list(shape), options], drawn, tol={"ulp": 4 if dtype == "float32" else 64, "eps": 4, "scale": scale},
                         note=f"jax.random.{name}")  # fmt: skip
                file.add(f"random.{name}", dtype, [list(shape), options], exact, tol={"eps": 2, "ulp": 2, "scale": scale},
                         note="the same draw, computed by mpmath")  # fmt: skip
            for low, high in BOUNDS[i % 3 :: 3]:
                truncated(file, key, shape, dtype, own, low, high)


def truncated(file, key, shape, dtype, own, low, high):
    drawn = np.asarray(jax.random.truncated_normal(key, own(low), own(high), shape, own))
    root = own(np.sqrt(2))
    erf = lambda x: own(float(mp.erf(mp.mpf(float(own(own(x) / root)))))) if np.isfinite(x) else own(np.sign(x))
    with jax.disable_jit():
        u = np.asarray(jax.random.uniform(key, shape, own, erf(low), erf(high)))
    exact = exactly(lambda x: mp.sign(x) * inf if abs(x) == 1 else mp.sqrt(2) * erfinv(x), u, own)
    exact = np.clip(exact, np.nextafter(own(low), own(inf)), np.nextafter(own(high), own(-inf)))
    options = {"key": raw(key), "lower": low, "upper": high, "dtype": dtype}
    # An ulp of erf at a bound moves a draw by that over the density there.
    edge = max(abs(x) for x in (low, high, 1.0) if np.isfinite(x))
    steep = float(np.exp(edge * edge / 2))
    file.add("random.truncatedNormal", dtype, [list(shape), options], drawn,
             tol={"ulp": 12 if dtype == "float32" else 64, "eps": 8 * steep, "scale": 1}, note="jax.random.truncated_normal")  # fmt: skip
    file.add("random.truncatedNormal", dtype, [list(shape), options], exact.astype(own),
             tol={"ulp": 4, "eps": 2 * steep, "scale": 1}, note="the same draw, computed by mpmath")  # fmt: skip


def main():
    file = File("distributions")
    folded(file)
    integers(file)
    orders(file)
    items(file)
    truths(file)
    choices(file)
    numbers(file)
    file.write()


if __name__ == "__main__":
    main()
