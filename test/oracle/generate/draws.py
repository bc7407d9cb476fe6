"""Random numbers: those of jax.random with the Threefry generator in its partitionable mode."""

import jax
import mpmath as mp
import numpy as np

from common import File, rounded
from elementary import erfinv

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_threefry_partitionable", True)

SEEDS = [0, 1, 42, -1, 2**31, 2**32 + 5, 2**53 - 1]
SHAPES = [(), (1,), (7,), (2, 3), (0, 3), (3, 1, 4), (2, 2, 2, 3), (130,)]
BOUNDS = [(-1, 1), (0, 10), (0.1, 0.7), (-3.5, -0.25)]


def raw(key):
    return np.asarray(jax.random.key_data(key))


def exact_normal(key, shape, dtype):
    """sqrt(2) erfinv(u) for the u that jax.random.normal draws."""
    u = np.asarray(jax.random.uniform(key, shape, dtype, np.nextafter(dtype(-1), dtype(0)), dtype(1)))
    values = [rounded(mp.sqrt(2) * erfinv(mp.mpf(float(x)))) for x in u.ravel()]
    return np.array(values).reshape(u.shape).astype(dtype)


def main():
    file = File("random")
    keys = {seed: jax.random.key(seed) for seed in SEEDS}
    for seed, key in keys.items():
        file.add("random.key", "uint32", [seed], raw(key))
        for count in (1, 2, 5):
            file.add("random.split", "uint32", [raw(key), count], raw(jax.random.split(key, count)))
    for i, shape in enumerate(SHAPES):
        for seed in (SEEDS[i % len(SEEDS)], SEEDS[(i + 2) % len(SEEDS)]):
            key, own = keys[seed], {"key": raw(keys[seed])}
            file.add("random.bits", "uint32", [list(shape), own], np.asarray(jax.random.bits(key, shape, np.uint32)))
            for dtype, numpy_dtype in (("float32", np.float32), ("float64", np.float64)):
                options = {**own, "dtype": dtype}
                drawn = np.asarray(jax.random.uniform(key, shape, numpy_dtype))
                file.add("random.uniform", dtype, [list(shape), options], drawn)
                low, high = BOUNDS[i % len(BOUNDS)]
                # Compiled, XLA may fuse the scaling and the shift into one rounding, or not: as it is written, then.
                with jax.disable_jit():
                    drawn = np.asarray(jax.random.uniform(key, shape, numpy_dtype, low, high))
                file.add("random.uniform", dtype, [list(shape), {**options, "minval": low, "maxval": high}], drawn)
                # XLA's erfinv is a polynomial, good to a few ulp in float32, to some dozens in float64.
                drawn = np.asarray(jax.random.normal(key, shape, numpy_dtype))
                file.add("random.normal", dtype, [list(shape), options], drawn,
                         tol={"ulp": 12 if dtype == "float32" else 64}, note="jax.random.normal")
                file.add("random.normal", dtype, [list(shape), options], exact_normal(key, shape, numpy_dtype),
                         tol={"ulp": 2 if dtype == "float32" else 5}, note="the same draw, computed by mpmath")
    key = jax.random.key(7)
    for seed in SEEDS:
        drawn = np.asarray(jax.random.uniform(jax.random.key(seed), (2, 2), np.float32))
        file.add("random.uniform", "float32", [[2, 2], {"seed": seed}], drawn, note="seed is short for key")
    first, second = jax.random.split(key)
    for child in (first, second, *jax.random.split(second, 3)):
        file.add("random.bits", "uint32", [[3, 2], {"key": raw(child)}], np.asarray(jax.random.bits(child, (3, 2), np.uint32)),
                 note="keys made by split")
    file.write()


if __name__ == "__main__":
    main()
