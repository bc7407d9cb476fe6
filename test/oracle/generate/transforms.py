"""Jacobians, Hessians, Gauss-Newton matrices and their products with vectors: JAX, and their own derivatives.

The functions have names here and in ../support/transforms.ts. They are differentiated up to four times.
"""

import jax
import jax.numpy as jnp
import numpy as np

from common import FLOATS, File, array, sample

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")

MAPS = {
    "square of a matrix": lambda x: x @ x,
    "layer": lambda w, x: jnp.tanh(w @ x),
    "softmax of rows": lambda x: jax.nn.softmax(x, axis=-1),
    "outer product": lambda x: jnp.sin(x)[:, None] * x[None, :],
    "scaled sum": lambda x: x * jnp.sum(x),
}
SCALARS = {
    "trace of a cube": lambda x: jnp.trace(x @ x @ x),
    # logaddexp's own second derivatives lose all digits where it is nearly linear.
    "logistic loss": lambda w, x: jnp.mean(jnp.maximum(x @ w, 0) + jnp.log1p(jnp.exp(-jnp.abs(x @ w)))),
    "valley": lambda x: jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2),
    "sum of sines": lambda x: jnp.sum(jnp.sin(x)) * jnp.sum(x * x),
}
LOSSES = {
    "half the sum of squares": lambda z: jnp.sum(z * z) / 2,
    "sum of exponentials": lambda z: jnp.sum(jnp.exp(z)),
}
# Functions whose gradients cancel: the tolerance is that of the largest element.
TOL, GTOL = 64, {"eps": 512}


def hvp(f):
    def product(v, *args):
        g = lambda x: jax.grad(f)(x, *args[1:])
        return jax.jvp(g, (args[0],), (v,))[1]

    return product


def gauss_newton(name, loss):
    """J^T H J by the first argument, as a matrix of that argument's axes, twice."""

    def matrix(x, *rest):
        f = lambda z: MAPS[name](z, *rest)
        jac, bent = jax.jacfwd(f)(x), jax.hessian(LOSSES[loss])(f(x))
        outputs = f(x).ndim
        inner = jnp.tensordot(bent, jac, axes=outputs)
        return jnp.tensordot(jnp.moveaxis(jac, range(outputs), range(-outputs, 0)), inner, axes=outputs)

    return matrix


def diagonal(f):
    def elements(x, *rest):
        full = jax.hessian(f)(x, *rest)
        return jnp.diagonal(full.reshape(x.size, x.size)).reshape(x.shape)

    return elements


def flat(f, rows, columns):
    """A matrix of derivatives by the first argument with all axes of either side put together."""
    return lambda *args: f(*args).reshape(rows, columns)


def differentiated(fn, inputs):
    """grads and second_values as File.add wants them: by JAX, of <ct, fn>."""
    every = tuple(range(len(inputs)))

    def derivatives(ct, directions):
        weighed = lambda *xs: jnp.sum(jnp.asarray(ct) * fn(*xs))
        first = jax.grad(weighed, every)
        along = lambda *xs: sum(jnp.sum(jnp.asarray(u) * g) for u, g in zip(directions, first(*xs)))
        return [np.asarray(g) for g in first(*inputs)], [np.asarray(g) for g in jax.grad(along, every)(*inputs)]

    return derivatives


def add(file, op, dtype, name, tensors, transform, options=()):
    inputs = [jnp.asarray(np.asarray(x, np.float64)) for x in tensors]
    value = np.asarray(transform(*inputs))
    largest = float(f"{np.max(np.abs(value), initial=0):.3g}")
    file.add(
        op, dtype, [name, *options, *tensors], value, out_dtype=dtype, tol={"eps": TOL, "scale": largest},
        gtol=GTOL, mix=True, grads=differentiated(transform, inputs),
    )


def main():
    file = File("transforms")
    for dtype in FLOATS:
        values = lambda shape, key, high=1.5: sample(dtype, shape, -high, high, key=key, digits=2)
        jacobians = [
            ("square of a matrix", [values((3, 3), "a")]),
            ("square of a matrix", [array([[40, -30], [20, 50]], dtype)]),
            ("layer", [values((2, 3), "w"), values((3,), "x")]),
            ("layer", [values((2, 0), "w"), values((0,), "x")]),
            ("softmax of rows", [values((2, 3), "s")]),
            ("softmax of rows", [array([[1000, 999, 0], [-1000, -1000, -998]], dtype)]),
            ("outer product", [values((3,), "o")]),
            ("scaled sum", [values((2, 2), "c")]),
            ("scaled sum", [values((0,), "c")]),
            ("scaled sum", [values((), "c")]),
        ]
        for name, tensors in jacobians:
            last = len(tensors) - 1
            for mode, jac in (("reverse", jax.jacrev), ("forward", jax.jacfwd)):
                add(file, "jacobian", dtype, name, tensors, jac(MAPS[name], last), [mode])
        scalars = [
            ("trace of a cube", [values((3, 3), "t")]),
            ("logistic loss", [values((3,), "w"), values((4, 3), "x")]),
            ("logistic loss", [array([30, -20], dtype), array([[2, 1], [-3, 2], [1, -5]], dtype)]),
            ("valley", [values((4,), "v")]),
            ("sum of sines", [values((2, 2), "q")]),
            ("sum of sines", [values((0, 2), "q")]),
            ("sum of sines", [values((), "q")]),
        ]
        for name, tensors in scalars:
            add(file, "hessian", dtype, name, tensors, jax.hessian(SCALARS[name]))
            v = values(tensors[0].shape, ("direction", name))
            add(file, "hvp", dtype, name, [v, *tensors], hvp(SCALARS[name]))
            size = tensors[0].size
            add(file, "hessianDiagonal", dtype, name, tensors, diagonal(SCALARS[name]))
            add(file, "sparseHessian", dtype, name, tensors, flat(jax.hessian(SCALARS[name]), size, size))
        models = [
            ("layer", [values((2, 3), "w"), values((3,), "x")]),
            ("softmax of rows", [values((2, 3), "s")]),
            ("outer product", [values((3,), "o")]),
            ("scaled sum", [values((2, 2), "c")]),
            ("scaled sum", [values((), "c")]),
        ]
        for name, tensors in models:
            size = tensors[0].size
            rows = MAPS[name](*tensors).size
            for mode in ("reverse", "forward"):
                jac = flat(jax.jacrev(MAPS[name]), rows, size)
                add(file, "sparseJacobian", dtype, name, tensors, jac, [mode])
            for loss in LOSSES:
                matrix = gauss_newton(name, loss)
                add(file, "gaussNewton", dtype, name, tensors, matrix, [loss])
                v = values(tensors[0].shape, ("vector", name))
                axes = tensors[0].ndim
                product = lambda v, *args, matrix=matrix, axes=axes: jnp.tensordot(matrix(*args), v, axes=axes)
                add(file, "gvp", dtype, name, [v, *tensors], product, [loss])
    file.write()


if __name__ == "__main__":
    main()
