"""Layers, losses and initialisers: PyTorch, and jax.nn.initializers for the same keys."""

import jax
import numpy as np
import torch

from common import DTYPES, FLOATS, INTEGERS, File, array, inf, nan, sample

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_threefry_partitionable", True)

ACTIVATIONS = {
    "linear": lambda z: z,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softmax": lambda z: torch.softmax(z, -1),
}
TOL = {"eps": 16, "scale": 1}
GTOL = {"eps": 48}


def layers(file):
    for dtype in FLOATS:
        for name, fn in ACTIVATIONS.items():
            for shape in [(2, 3), (3,), (2, 1, 3), (0, 3)]:
                x = sample(dtype, shape, -2, 2, key=("Dense", name))
                kernel, bias = sample(dtype, (3, 4), -1, 1, key=name), sample(dtype, (4,), -1, 1, key=name)
                file.add("Dense", dtype, [x, kernel, bias, name], out_dtype=dtype, tol=TOL, gtol=GTOL, mix=True,
                         fn=lambda z, k, b, f=fn: f(z @ k + b))
            file.add("Dense", dtype, [x, kernel, None, name], out_dtype=dtype, tol=TOL, gtol=GTOL, mix=True,
                     fn=lambda z, k, f=fn: f(z @ k), note="without a bias")
            x = sample(dtype, (2, 3), -2, 2, key=name)
            file.add("Activation", dtype, [name, x], out_dtype=dtype, fn=fn, tol=TOL, gtol=GTOL, mix=True)
    for dtype in ("bool", *INTEGERS):
        x = sample(dtype, (2, 3), 0, 4, key="Activation")
        for name, fn in ACTIVATIONS.items():
            kept = {"linear": dtype, "relu": "int32" if dtype == "bool" else dtype}.get(name, "float32")
            value = fn(torch.tensor(x.astype(np.float64))).numpy().astype(DTYPES[kept])
            file.add("Activation", dtype, [name, x], value, out_dtype=kept, tol=TOL if kept == "float32" else None)
    for dtype in DTYPES:
        for shape in [(2, 3, 4), (2, 3), (5,), (0, 2, 2), (1, 1, 1, 1)]:
            x = sample(dtype, shape, -9, 9, key="Flatten")
            flat = lambda z, n=shape[0], m=int(np.prod(shape[1:])): z.reshape(n, m)
            file.add("Flatten", dtype, [x], x.reshape(shape[0], int(np.prod(shape[1:]))),
                     fn=flat if dtype in FLOATS else None)


def cross_entropy(logs, targets):
    if targets.shape == logs.shape:
        return -(targets * logs).sum(-1).mean()
    return -logs.gather(-1, targets.long().unsqueeze(-1)).mean()


def losses(file):
    mean_squared = lambda p, t: torch.nn.functional.mse_loss(p, t)
    on_logits = lambda p, t: cross_entropy(torch.log_softmax(p, -1), t)
    on_probabilities = lambda p, t: cross_entropy(torch.log(p), t)
    for dtype in FLOATS:
        for shape in [(2, 3), (4,), (), (1, 1), (2, 2, 2)]:
            p, t = sample(dtype, shape, -3, 3, key="p"), sample(dtype, shape, -3, 3, key="t")
            file.add("losses.meanSquaredError", dtype, [p, t], out_dtype=dtype, fn=mean_squared, tol=TOL, gtol=GTOL,
                     mix=True)
        t = sample("int32", (2, 3), -3, 3, key="t")
        p = sample(dtype, (2, 3), -3, 3, key="q")
        file.add("losses.meanSquaredError", dtype, [p, t], out_dtype=dtype, fn=mean_squared, tol=TOL, gtol=GTOL,
                 mix=True, note="targets take the predictions' dtype")
        for name, fn in [("softmaxCrossEntropy", on_logits), ("categoricalCrossEntropy", on_probabilities)]:
            op = f"losses.{name}"
            for shape in [(2, 3), (4,), (1, 5), (2, 2, 3)]:
                p = sample(dtype, shape, -3, 3, key=name)
                if name == "categoricalCrossEntropy":
                    p = (np.exp(p) / np.exp(p).sum(-1, keepdims=True)).astype(DTYPES[dtype])
                soft = sample(dtype, shape, 0.1, 1, key=("soft", name))
                file.add(op, dtype, [p, soft], out_dtype=dtype, fn=fn, tol=TOL, gtol=GTOL, mix=True, note="soft targets")
                hard = np.eye(shape[-1])[sample("int32", shape[:-1], 0, shape[-1] - 1, key="hard")].astype(DTYPES[dtype])
                file.add(op, dtype, [p, hard], out_dtype=dtype, fn=fn, tol=TOL, gtol=GTOL, mix=True, note="one-hot")
                for kind in INTEGERS:
                    index = sample(kind, shape[:-1], 0, shape[-1] - 1, key="index")
                    file.add(op, dtype, [p, index], out_dtype=dtype, fn=fn, tol=TOL, gtol=GTOL, mix=True, note="indices")
        extreme = array([[1000, -1000, 0], [-800, -900, -1000], [0, 0, 1e4]], dtype)
        index = array([1, 2, 0], "int32")
        file.add("losses.softmaxCrossEntropy", dtype, [extreme, index], out_dtype=dtype, fn=on_logits,
                 tol={"eps": 4}, gtol=GTOL, mix=True, note="extreme logits")
        p = array([[0.5, 0.5, 0], [0, 1, 0]], dtype)
        file.add("losses.categoricalCrossEntropy", dtype, [p, array([0, 1], "int32")], array(np.log(2) / 2, dtype),
                 tol={"ulp": 2}, note="a class of probability 0 that is not the target adds nothing")
        file.add("losses.categoricalCrossEntropy", dtype, [p, array([2, 1], "int32")], array(inf, dtype),
                 note="a target of probability 0")
        file.add("losses.categoricalCrossEntropy", dtype, [p, array([3, 1], "int32")], array(nan, dtype),
                 note="an index that is no class")


def initial(file):
    scaling = jax.nn.initializers.variance_scaling
    named = {
        "glorotUniform": scaling(1, "fan_avg", "uniform"),
        "glorotNormal": scaling(1, "fan_avg", "normal"),
        "heUniform": scaling(2, "fan_in", "uniform"),
        "heNormal": scaling(2, "fan_in", "normal"),
    }
    for name, fn in named.items():
        for dtype in FLOATS:
            for seed, shape in enumerate([(3, 2), (2, 3, 2), (1, 1), (10, 4)]):
                own = np.asarray(fn(jax.random.key(seed), shape, DTYPES[dtype]))
                scale = float(np.max(np.abs(own)))
                eps = (4 if dtype == "float32" else 64) if name.endswith("Normal") else 4
                file.add(f"initializers.{name}", dtype, [list(shape), {"seed": seed, "dtype": dtype}], own,
                         tol={"eps": eps, "scale": float(f"{scale:.3g}")},
                         note="jax.nn.initializers scales uniform(-1, 1) or normal numbers")
    for name, fn in [("zeros", np.zeros), ("ones", np.ones)]:
        for dtype in DTYPES:
            for shape in [(2, 3), (4,), (), (0, 2)]:
                file.add(f"initializers.{name}", dtype, [list(shape), {"dtype": dtype}], fn(shape, DTYPES[dtype]))


def main():
    file = File("network")
    for part in (layers, losses, initial):
        part(file)
    file.write()


if __name__ == "__main__":
    main()
