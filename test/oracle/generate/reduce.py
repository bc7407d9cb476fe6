"""Reductions and what is made of them, and matmul: values by NumPy in float64, derivatives by PyTorch.

The reference engine adds up in float64, in order: a sum of n terms is within n * 2^-53 of the sum of their absolute
values, then rounded once to float32. What is composed (variance, softmax ...) is rounded at each step; its tolerance is
relative to the largest of the terms.
"""

import numpy as np
import torch

from common import DTYPES, FLOATS, NUMERIC, File, array, floating, inf, nan, promote, sample

# shape, axes, keepDims
CALLS = [
    ((2, 3), None, False),
    ((2, 3), 0, False),
    ((2, 3), -1, True),
    ((2, 3, 4), [0, 2], False),
    ((2, 3, 4), [-1, 0], True),
    ((), None, False),
    ((1, 1), 1, False),
    ((40,), 0, False),
]
EMPTY = [((0, 3), 0, False), ((2, 0), -1, True), ((0,), None, False), ((0, 3), 1, False)]


def arguments(x, axes, keep, **more):
    options = {**({"keepDims": True} if keep else {}), **more}
    if not options:
        return [x] if axes is None else [x, axes]
    # undefined means all axes, which JSON writes as null.
    return [x, axes, options]


def numpy_axes(axes):
    return tuple(axes) if isinstance(axes, list) else axes


def torch_axes(shape, axes):
    return list(range(len(shape))) if axes is None else axes if isinstance(axes, list) else [axes]


def over(fn):
    """A PyTorch reduction along axes; of no axes at all, x itself."""
    return lambda shape, axes, keep: lambda z: fn(z, torch_axes(shape, axes), keep) if shape else z * 1


def product(z, axes, keep):
    for axis in sorted((a % z.ndim for a in axes), reverse=True):
        z = torch.prod(z, axis, keepdim=keep)
    return z


TORCH = {
    "sum": over(lambda z, a, k: torch.sum(z, a, keepdim=k)),
    "prod": over(product),
    "max": over(lambda z, a, k: torch.amax(z, a, keepdim=k)),
    "min": over(lambda z, a, k: torch.amin(z, a, keepdim=k)),
    "mean": over(lambda z, a, k: torch.mean(z, a, keepdim=k)),
    "logsumexp": lambda shape, axes, keep: (
        lambda z: torch.logsumexp(z, torch_axes(shape, axes), keepdim=keep) if shape else torch.logsumexp(z[None], 0)
    ),
}


def plain(file):
    """sum, prod, max, min."""
    for name in ("sum", "prod", "max", "min"):
        calls = CALLS + (EMPTY if name in ("sum", "prod") else [((0, 3), 1, False)])
        fn = getattr(np, name)
        for dtype in DTYPES:
            own = "int32" if dtype == "bool" else dtype
            for shape, axes, keep in calls:
                x = sample(dtype, shape, -3, 3, key=name)
                wide = x.astype(np.float64 if dtype in FLOATS else DTYPES[own])
                kw = {} if name in ("max", "min") or dtype in FLOATS else {"dtype": DTYPES[own]}
                out = np.asarray(fn(wide, axis=numpy_axes(axes), keepdims=keep, **kw)).astype(DTYPES[own])
                tol = None
                if dtype in FLOATS and name == "sum":
                    scale = np.sum(np.abs(wide), axis=numpy_axes(axes), keepdims=keep)
                    tol = {"ulp": 1, "sum64": scale * max(x.size, 1)}
                if dtype in FLOATS and name == "prod":
                    tol = {"ulp": 1 if dtype == "float32" else x.size}
                file.add(name, dtype, arguments(x, axes, keep), out, out_dtype=own, tol=tol,
                         fn=TORCH[name](shape, axes, keep), gtol={"eps": 16 if name == "prod" else 2}, mix=True,
                         note="of bool, int32" if dtype == "bool" else None)
            specials(file, name, fn, dtype)
    for dtype in FLOATS:
        zeros = array([[2, 0, 3, 4], [0, 5, 0, 1], [0, 0, 0, 2]], dtype)
        file.add("prod", dtype, [zeros, -1], np.prod(zeros, -1), fn=lambda z: torch.prod(z, -1), gtol={"eps": 4},
                 mix=True, note="with zeros among the factors")
        ties = array([[1, 3, 3, 2], [5, 5, 5, 5], [0, -1, -1, 0]], dtype)
        for name in ("max", "min"):
            file.add(name, dtype, [ties, 1], getattr(np, name)(ties, 1), fn=TORCH[name]((3, 4), 1, False),
                     gtol={"eps": 4}, mix=True, note="ties split the gradient equally")


def specials(file, name, fn, dtype):
    if dtype in FLOATS:
        x = array([[nan, 1, 2], [inf, 1, 2], [inf, -inf, 1], [-inf, 0.0, 3]], dtype)
        file.add(name, dtype, [x, 1], fn(x, 1).astype(DTYPES[dtype]), note="special values")
        if name == "sum":
            y = array([1e8, 1, -1e8] if dtype == "float32" else [1e15, 0.5, -1e15], dtype)
            file.add(name, dtype, [y], array(y.astype(np.float64).sum(), dtype), note="float64 totals, rounded once")
            big = array([3e38, 3e38, -3e38], dtype)
            file.add(name, dtype, [big], array(big.astype(np.float64).sum(), dtype), tol={"ulp": 1},
                     note="no overflow on the way")
    elif dtype != "bool":
        x = array([2**31 - 1, 3, 70000, 70001], dtype)
        kw = {"dtype": DTYPES[dtype]} if name in ("sum", "prod") else {}
        file.add(name, dtype, [x], np.asarray(fn(x, **kw)), out_dtype=dtype, note="integers wrap modulo 2^32")


def averages(file):
    """mean, variance, std."""
    for dtype in DTYPES:
        kind = floating(dtype)
        for shape, axes, keep in CALLS + EMPTY:
            x = sample(dtype, shape, -3, 3, key="mean")
            wide = x.astype(np.float64)
            out = wide.mean(axis=numpy_axes(axes), keepdims=keep)
            scale = np.mean(np.abs(wide), axis=numpy_axes(axes), keepdims=keep)
            tol = {"ulp": 2, "sum64": np.nan_to_num(scale) * max(x.size, 1)}
            file.add("mean", dtype, arguments(x, axes, keep), out, out_dtype=kind, tol=tol,
                     fn=TORCH["mean"](shape, axes, keep) if x.size else None, gtol={"eps": 4}, mix=True,
                     note=None if x.size else "the mean of nothing is NaN")
        for correction in (0, 1):
            for shape, axes, keep in CALLS + EMPTY[:1]:
                spread(file, dtype, shape, axes, keep, correction)
        if dtype in FLOATS:
            x = array([[nan, 1, 2], [inf, 1, 2], [1, 1, 1]], dtype)
            for name, fn in [("variance", np.var), ("std", np.std)]:
                file.add(name, dtype, [x, -1], fn(x.astype(np.float64), -1), out_dtype=dtype)
            file.add("mean", dtype, [x, -1], np.mean(x.astype(np.float64), -1), out_dtype=dtype, tol={"ulp": 2})
            same = array([[2, 2, 2], [1, 2, 3]], dtype)
            far = array(1e4 + np.array([0.25, 0.5, 0.75, 1.0]), dtype)
            file.add("variance", dtype, [far], far.astype(np.float64).var(), out_dtype=dtype, tol={"eps": 8, "scale": 1e4 * 1.2 if dtype == "float32" else 1},
                     fn=lambda z: z.var(correction=0), gtol={"eps": 8, "scale": [1e4 / 4], "scale2": [1]},
                     note="a large mean: deviations are subtracted, squares are not. The mean is rounded first")
            zero = lambda ct, _: ([np.array([[0, 0, 0], ct[1] * np.array([-1, 0, 1]) / 3 / np.sqrt(2 / 3)])], None)
            file.add("std", dtype, [same, 1], np.std(same.astype(np.float64), 1), out_dtype=dtype, tol={"ulp": 3},
                     grads=zero, second=False, gtol={"eps": 8}, mix=True,
                     note="where all elements are equal the gradient is 0 (PyTorch: NaN)")


def spread(file, dtype, shape, axes, keep, correction):
    """variance and std; PyTorch's correction is 1 unless given, NumPy's and ours 0."""
    kind = floating(dtype)
    x = sample(dtype, shape, -3, 3, key=("variance", correction))
    wide = x.astype(np.float64)
    torch_list = torch_axes(shape, axes)
    more = {"correction": correction} if correction else {}
    scale = np.mean(wide * wide, axis=numpy_axes(axes), keepdims=keep) if x.size else np.zeros(())
    count = x.size // max(int(np.prod(np.shape(scale))), 1) if x.size else 0
    for name, fn, torch_fn in [("variance", np.var, torch.var), ("std", np.std, torch.std)]:
        out = fn(wide, axis=numpy_axes(axes), keepdims=keep, ddof=correction)
        degenerate = count <= max(correction, 1) or np.any(out == 0)
        call = None
        if shape and not degenerate:
            call = lambda z, f=torch_fn: f(z, torch_list, correction=correction, keepdim=keep)
        tolerance = np.broadcast_to(np.nan_to_num(scale), np.shape(out))
        if name == "std":
            tolerance = np.sqrt(tolerance)
        file.add(name, dtype, arguments(x, axes, keep, **more), out, out_dtype=kind, fn=call,
                 tol={"eps": 8, "scale": np.array(tolerance)}, gtol={"eps": 32}, mix=True,
                 note="no second derivative: there is nothing to divide by" if degenerate and x.size else None)


def logical(file):
    for name, fn in [("any", np.any), ("all", np.all)]:
        for dtype in DTYPES:
            for shape, axes, keep in CALLS + EMPTY:
                x = sample(dtype, shape, 0, 2, key=name, digits=0)
                file.add(name, dtype, arguments(x, axes, keep), np.asarray(fn(x, axis=numpy_axes(axes), keepdims=keep)))
            if dtype in FLOATS:
                x = array([[nan, 0], [-0.0, 0], [inf, 1], [1e-45, 1e-30]], dtype)
                file.add(name, dtype, [x, 1], fn(x, 1), note="NaN counts as true")


def places(file):
    for name, fn in [("argmax", np.argmax), ("argmin", np.argmin)]:
        for dtype in DTYPES:
            for shape, axis, keep in [((2, 3), None, False), ((2, 3), 0, False), ((2, 3), -1, True), ((2, 3, 4), 1, False),
                                      ((7,), 0, False), ((1, 1), 1, False), ((), None, False), ((0, 3), 1, False),
                                      ((3, 2), None, True)]:
                x = sample(dtype, shape, -2, 2, key=name, digits=0)
                out = np.asarray(fn(x, axis=axis, keepdims=keep)).astype(np.int32)
                file.add(name, dtype, arguments(x, axis, keep), out)
            if dtype in FLOATS:
                x = array([[1, nan, 3, nan], [inf, inf, 0, 1], [-inf, 0, -inf, -0.0], [2, 2, 2, 2]], dtype)
                file.add(name, dtype, [x, 1], fn(x, 1).astype(np.int32), note="the first, NaN before all")
            elif dtype != "bool":
                x = array([0, 2**31, 2**32 - 1] if dtype == "uint32" else [0, -(2**31), 2**31 - 1], dtype)
                file.add(name, dtype, [x], np.asarray(fn(x)).astype(np.int32))


def log_softmax(x, axes):
    """x - log(sum(exp(x))), as a long double where there is one."""
    wide = x.astype(np.longdouble)
    if x.size == 0:
        return wide
    shifted = wide - np.max(wide, axis=axes, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axes, keepdims=True))


def log_total(x, axes, keep):
    """log(sum(exp(x)))."""
    wide = x.astype(np.longdouble)
    top = np.max(wide, axis=axes, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(top), top, 0)
    total = np.log(np.sum(np.exp(wide - shift), axis=axes, keepdims=True)) + shift
    every = tuple(range(x.ndim)) if axes is None else axes
    return (total if keep else np.squeeze(total, every)).astype(np.float64)


def torch_logsumexp(z):
    """Over the last axis. PyTorch's own gradient is exp(x - logsumexp(x)), which loses digits where x is large."""
    top = z.amax(-1, keepdim=True).detach()
    return torch.logsumexp(z - top, -1) + top.squeeze(-1)


def exponentials(file):
    """logsumexp, softmax, logSoftmax."""
    extreme = [[1000, 0, -1000], [-1000, -1001, -1002], [88, 89, 90], [0, 0, 0]]
    for dtype in DTYPES:
        kind = floating(dtype)
        gtol = {"eps": 32}
        for shape, axes, keep in CALLS + EMPTY:
            x = sample(dtype, shape, -3, 3, key="logsumexp")
            known = numpy_axes(axes) if shape else ()
            out = log_total(x, known, keep) if shape else x.astype(np.float64)
            scale = np.broadcast_to(np.max(np.abs(x.astype(np.float64)), initial=1) + np.log(x.size + 1), out.shape)
            file.add("logsumexp", dtype, arguments(x, axes, keep), out, out_dtype=kind,
                     tol={"eps": 4, "scale": np.array(scale)}, fn=TORCH["logsumexp"](shape, axes, keep) if x.size else None,
                     gtol=gtol, mix=True, check=1e-9)
        for shape, axes in [((2, 3), None), ((2, 3), 0), ((2, 3, 4), -2), ((2, 3, 4), [1, 2]), ((1, 1), -1), ((0, 3), None),
                            ((3, 0), 0)]:
            x = sample(dtype, shape, -3, 3, key="softmax")
            soft(file, dtype, kind, x, axes, gtol)
        if dtype in FLOATS:
            soft(file, dtype, kind, array(extreme, dtype), None, gtol, "extreme inputs stay finite")
            x = array(extreme, dtype)
            file.add("logsumexp", dtype, [x, -1], log_total(x, (1,), False), out_dtype=kind, tol={"eps": 4, "scale": 1},
                     fn=torch_logsumexp, gtol=gtol, mix=True, note="extreme inputs stay finite")
            odd = array([[nan, 1, 2], [inf, 1, 2], [-inf, -inf, -inf], [-inf, 0, -inf], [inf, -inf, 0]], dtype)
            value = array([nan, inf, -inf, 0, inf], dtype)
            nothing = array([[-inf, -inf]], dtype)
            file.add("logsumexp", dtype, [odd, 1], value, note="special values")
            file.add("logsumexp", dtype, [nothing, 1], array([-inf], dtype), second=False,
                     grads=lambda ct, _: ([np.zeros((1, 2))], None), note="at all -infinity the gradient is 0 (PyTorch: 0 or NaN by version)")


def soft(file, dtype, kind, x, axes, gtol, note=None):
    dims = torch_axes(x.shape, -1 if axes is None else axes)
    known = tuple(a % x.ndim for a in dims)
    args = [x] if axes is None else [x, axes]
    log_of = lambda z: z - torch.logsumexp(z, dims, keepdim=True)
    if len(dims) == 1:
        soft_fn = lambda z: torch.softmax(z, dims[0])
        log_fn = lambda z: torch.log_softmax(z, dims[0])
    else:
        soft_fn, log_fn = lambda z: torch.exp(log_of(z)), log_of
    log_value = log_softmax(x, known)
    shifted = np.max(np.abs(log_value), initial=1)
    file.add("softmax", dtype, args, np.exp(log_value).astype(np.float64), out_dtype=kind, fn=soft_fn, tol={"eps": 6},
             gtol=gtol, mix=True, note=note)
    file.add("logSoftmax", dtype, args, log_value.astype(np.float64), out_dtype=kind, fn=log_fn,
             tol={"eps": 4, "scale": float(shifted)}, gtol=gtol, mix=True, note=note)


PRODUCTS = [
    ((2, 3), (3, 4)),
    ((3,), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3,)),
    ((2, 2, 3), (2, 3, 2)),
    ((2, 1, 2, 3), (3, 3, 1)),
    ((4, 2, 3), (3, 2)),
    ((3,), (2, 3, 2)),
    ((2, 3, 2), (2,)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((1, 1), (1, 1)),
    ((5, 17), (17, 6)),
]


def product_case(file, dtype, x, y, note=None, second=True):
    common = promote(*(next(k for k, t in DTYPES.items() if z.dtype == t) for z in (x, y)))
    wide = np.float64 if common in FLOATS else DTYPES[common]
    left, right = x.astype(DTYPES[common]).astype(wide), y.astype(DTYPES[common]).astype(wide)
    tol = None
    if common in FLOATS:
        tol = {"ulp": 1, "sum64": np.asarray(np.matmul(np.abs(left), np.abs(right))) * x.shape[-1]}
    file.add("matmul", dtype, [x, y], np.asarray(np.matmul(left, right)).astype(DTYPES[common]), out_dtype=common,
             fn=torch.matmul, tol=tol, gtol={"eps": 4}, mix=True, note=note, second=second)


def products(file):
    for dtype in NUMERIC:
        for left, right in PRODUCTS:
            product_case(file, dtype, sample(dtype, left, -3, 3, key="left"), sample(dtype, right, -3, 3, key="right"))
        for other in DTYPES:
            if other != dtype:
                product_case(file, dtype, sample(dtype, (2, 3), -3, 3, key="l"), sample(other, (3, 2), -3, 3, key="r"),
                             note="promotion")
        if dtype in FLOATS:
            x = array([[nan, 1], [inf, 0], [1, 2]], dtype)
            y = array([[1, 2], [0, 3]], dtype)
            file.add("matmul", dtype, [x, y], np.matmul(x, y), note="special values")
        else:
            top = 2**32 - 1 if dtype == "uint32" else 2**31 - 1
            x, y = array([[top, 65537], [3, 70000]], dtype), array([[2, top], [65539, 70001]], dtype)
            product_case(file, dtype, x, y, note="integers wrap modulo 2^32")
    for other in NUMERIC:
        product_case(file, "bool", sample("bool", (2, 3), key="l"), sample(other, (3, 2), -3, 3, key="r"), note="promotion")


def main():
    file = File("reduce")
    for part in (plain, averages, logical, places, exponentials):
        part(file)
    file.write()
    file = File("matmul")
    products(file)
    file.write()


if __name__ == "__main__":
    main()
