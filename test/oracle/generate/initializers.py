"""Initialisers beside those of network.py, by jax.nn.initializers and jax.random for the same keys; dropout by NumPy; layer
normalisation by PyTorch."""

import jax
import numpy as np
import torch

from common import DTYPES, FLOATS, File, array, sample

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_threefry_partitionable", True)

SHAPES = [(3, 2), (2, 3, 2), (1, 1), (10, 4)]
# Our erfinv is exact to a few ulp, JAX's is a polynomial.
EPS = {"uniform": {"float32": 4, "float64": 4}, "normal": {"float32": 8, "float64": 64}}


def drawn(file, name, fn, dtype, seed, shape, own=None, kind="normal", note=None):
    out = np.asarray(fn(jax.random.key(seed), shape, DTYPES[dtype]))
    scale = float(f"{np.max(np.abs(out)):.3g}")
    args = [list(shape), {"seed": seed, "dtype": dtype}]
    file.add(f"initializers.{name}", dtype, args if own is None else [own, *args], out,
             tol={"eps": EPS[kind][dtype], "scale": scale}, note=note)


def random(file):
    scaling = jax.nn.initializers.variance_scaling
    named = {
        "glorotTruncatedNormal": (1, "fan_avg", "truncated_normal"),
        "heTruncatedNormal": (2, "fan_in", "truncated_normal"),
        "lecunTruncatedNormal": (1, "fan_in", "truncated_normal"),
        "lecunNormal": (1, "fan_in", "normal"),
        "lecunUniform": (1, "fan_in", "uniform"),
    }
    modes = {"fan_in": "fanIn", "fan_out": "fanOut", "fan_avg": "fanAvg"}
    kinds = {"truncated_normal": "truncatedNormal", "normal": "normal", "uniform": "uniform"}
    for dtype in FLOATS:
        for seed, shape in enumerate(SHAPES):
            for name, (scale, mode, kind) in named.items():
                drawn(file, name, scaling(scale, mode, kind), dtype, seed, shape, kind=kind.split("_")[-1])
            for mode in modes:
                for kind in kinds:
                    own = {"scale": 1.5, "mode": modes[mode], "distribution": kinds[kind]}
                    drawn(file, "varianceScaling", scaling(1.5, mode, kind), dtype, seed, shape, own,
                          kind=kind.split("_")[-1])
            drawn(file, "varianceScaling", scaling(1, "fan_in", "truncated_normal"), dtype, seed, shape, {})
            truncated = jax.nn.initializers.truncated_normal
            drawn(file, "truncatedNormal", truncated(0.05), dtype, seed, shape, {})
            drawn(file, "truncatedNormal", truncated(0.5, lower=-1, upper=3), dtype, seed, shape,
                  {"std": 0.5, "low": -1, "high": 3})
            drawn(file, "normal", jax.nn.initializers.normal(0.3), dtype, seed, shape, {"std": 0.3})
            drawn(file, "uniform", lambda k, s, d: jax.random.uniform(k, s, d, -0.5, 1.5), dtype, seed, shape,
                  {"minval": -0.5, "maxval": 1.5}, kind="uniform")


def known(file):
    for dtype in DTYPES:
        for shape in [(2, 3), (4,), (), (0, 2)]:
            value = 1 if dtype == "bool" else 3 if dtype not in FLOATS else 0.75
            file.add("initializers.constant", dtype, [value, list(shape), {"dtype": dtype}],
                     np.full(shape, value, DTYPES[dtype]))
        for shape, gain in [((2, 3), 1), ((3, 3), 1), ((1, 1), 1), ((0, 2), 1)]:
            file.add("initializers.identity", dtype, [{"gain": gain}, list(shape), {"dtype": dtype}],
                     np.eye(*shape).astype(DTYPES[dtype]) * DTYPES[dtype](gain))
    for dtype in FLOATS:
        file.add("initializers.identity", dtype, [{"gain": 0.5}, [2, 3], {"dtype": dtype}], np.eye(2, 3) * 0.5,
                 out_dtype=dtype)


def dropout(file):
    """What does not depend on a draw: evaluation, and the rates 0 and 1."""
    for dtype in FLOATS:
        for shape in [(2, 3), (4,), (), (0, 2)]:
            x = sample(dtype, shape, key="Dropout")
            for rate, training, factor in [(0.5, False, 1), (0, True, 1), (1, True, 0)]:
                file.add("Dropout", dtype, [rate, x, training], x * DTYPES[dtype](factor) + DTYPES[dtype](0),
                         fn=lambda z, f=factor: z * f)


def layer_norm(file):
    for dtype in FLOATS:
        for shape, axes in [((2, 3), 1), ((4,), 1), ((2, 3, 2), 2), ((2, 1, 5), 1), ((0, 3), 1)]:
            sizes = shape[len(shape) - axes :]
            x, scale, bias = (sample(dtype, s, -2, 2, key=("LayerNorm", i)) for i, s in enumerate([shape, sizes, sizes]))
            for epsilon in (None, 0.1):
                fn = lambda z, s, b, e=epsilon or 1e-5, n=sizes: torch.nn.functional.layer_norm(z, n, s, b, e)
                args = [x, scale, bias] if epsilon is None else [x, scale, bias, {"epsilon": epsilon}]
                file.add("LayerNorm", dtype, args, out_dtype=dtype, fn=fn, tol={"eps": 32, "scale": 4}, gtol={"eps": 256},
                         mix=True)
        far = array([[1e6, 1e6 + 1, 1e6 + 2, 1e6 + 5]], dtype)
        one, zero = array([1, 1, 1, 1], dtype), array([0, 0, 0, 0], dtype)
        exact = (far - far.mean()) / np.sqrt(far.astype(np.float64).var() + 1e-5)
        file.add("LayerNorm", dtype, [far, one, zero], exact, out_dtype=dtype, tol={"eps": 8, "scale": 2},
                 note="far from 0")


def main():
    file = File("initializers")
    for part in (random, known, dropout, layer_norm):
        part(file)
    file.write()


if __name__ == "__main__":
    main()
