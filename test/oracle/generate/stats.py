"""Sums without NaN, weighted means, covariances, closeness: values by NumPy, derivatives by PyTorch."""

import numpy as np
import torch

from common import DTYPES, FLOATS, File, array, floating, inf, nan, sample

CALLS = [((5,), None, {}), ((2, 3), 0, {}), ((2, 3, 2), [-1, 0], {"keepDims": True}), ((3, 4), -1, {}), ((1,), 0, {})]


def holes(x, key):
    """NaN here and there, in floating arrays."""
    if x.dtype.kind != "f":
        return x
    x = x.copy()
    x[np.random.default_rng(x.size + key).random(x.shape) < 0.3] = nan
    return x


def distinct(dtype, shape, key):
    if dtype not in FLOATS:
        return sample(dtype, shape, -9, 9, key=key)
    size = int(np.prod(shape))
    return array((np.random.default_rng(size).permutation(size) - size // 2) * 0.75 + 0.25, dtype).reshape(shape)


def without_nan(file):
    numpy = {"nansum": np.nansum, "nanmean": np.nanmean, "nanmax": np.nanmax, "nanmin": np.nanmin}
    fill = {"nansum": 0.0, "nanmean": 0.0, "nanmax": -inf, "nanmin": inf}
    of_torch = {"nansum": torch.sum, "nanmean": torch.sum, "nanmax": torch.amax, "nanmin": torch.amin}
    for name, of in numpy.items():
        for dtype in DTYPES:
            own = floating(dtype) if name == "nanmean" else "int32" if dtype == "bool" else dtype
            for k, (shape, axes, options) in enumerate(CALLS):
                x = holes(distinct(dtype, shape, (name, k)), k)
                axis = tuple(axes) if isinstance(axes, list) else axes
                keep = options.get("keepDims", False)
                wide = x.astype(np.float64) if dtype in FLOATS or own in FLOATS else x.astype(DTYPES[own])
                out = of(wide, axis=axis, keepdims=keep)

                def fn(z, n=name, a=axis, keep=keep):
                    missing = torch.isnan(z)
                    a = tuple(range(z.ndim)) if a is None else a
                    total = of_torch[n](torch.where(missing, fill[n], z), dim=a, keepdim=keep)
                    if n == "nanmean":
                        return total / (~missing).sum(dim=a, keepdim=keep)
                    return torch.where(missing.all(dim=a, keepdim=keep) if not isinstance(a, tuple) else (~missing).sum(dim=a, keepdim=keep) == 0, nan, total) \
                        if n != "nansum" else total

                file.add(name, dtype, [x, axes, options], out, out_dtype=own, fn=fn, tol={"eps": 4, "scale": 20} if own in FLOATS else None,
                         gtol={"eps": 8}, mix=True)
            if dtype in FLOATS:
                lost = array([[nan, nan], [inf, nan], [-inf, 2]], dtype)
                file.add(name, dtype, [lost, 1], of(lost, axis=1), out_dtype=dtype)


def averages(file):
    for dtype in DTYPES:
        own = floating(dtype)
        for k, (shape, axes, options) in enumerate(CALLS):
            x = sample(dtype, shape, -9, 9, key=("average", k))
            axis = tuple(axes) if isinstance(axes, list) else axes
            keep = options.get("keepDims", False)
            w = array(np.random.default_rng(k).integers(1, 2 if dtype == "bool" else 5, (shape[axis],) if isinstance(axis, int) and k % 2 else shape), dtype)
            full = w.reshape([shape[axis] if i == axis % len(shape) else 1 for i in range(len(shape))]) if w.shape != tuple(shape) else w
            z, v = x.astype(np.float64), np.broadcast_to(full.astype(np.float64), shape)
            out = (z * v).sum(axis=axis, keepdims=keep) / v.sum(axis=axis, keepdims=keep)

            def fn(z, v, a=axis, keep=keep, s=full.shape):
                v = torch.broadcast_to(v.reshape(s), z.shape)
                a = tuple(range(z.ndim)) if a is None else a
                return (z * v).sum(dim=a, keepdim=keep) / v.sum(dim=a, keepdim=keep)

            file.add("average", dtype, [x, axes, {**options, "weights": w}], out, out_dtype=own, fn=fn, tol={"eps": 8, "scale": 9},
                     gtol={"eps": 32} if x.size > 1 else {"eps": 32, "scale": [9, 9], "scale2": [9, 9]}, mix=x.size > 1)
            file.add("average", dtype, [x, axes, options], z.mean(axis=axis, keepdims=keep), out_dtype=own, tol={"eps": 8, "scale": 9},
                     fn=lambda z, a=axis, k=keep: torch.mean(z, dim=tuple(range(z.ndim)) if a is None else a, keepdim=k), gtol={"eps": 8}, mix=True)


def covariances(file):
    for dtype in DTYPES:
        own = floating(dtype)
        for k, (shape, correction) in enumerate([((6,), 1), ((3, 5), 1), ((2, 7), 0), ((1, 4), 2)]):
            x = sample(dtype, shape, -4, 4, key=("cov", k))
            x.reshape(-1)[0], x.reshape(-1)[-1] = 0, 1  # every row varies
            if x.ndim == 2:
                x[:, 0], x[:, -1] = 0, 1
            z = x.astype(np.float64)
            options = [] if correction == 1 else [{"correction": correction}]
            file.add("cov", dtype, [x, *options], np.cov(z, ddof=correction).reshape(() if x.ndim == 1 else (shape[0],) * 2), out_dtype=own,
                     fn=lambda z, c=correction: torch.cov(z, correction=c).reshape(() if z.ndim == 1 else (z.shape[0],) * 2), tol={"eps": 16, "scale": 20},
                     gtol={"eps": 32}, mix=True)
            file.add("corrcoef", dtype, [x], np.corrcoef(z).reshape(() if x.ndim == 1 else (shape[0],) * 2), out_dtype=own,
                     fn=None if x.ndim == 1 or shape[0] == 1 else torch.corrcoef,
                     grads=None if x.ndim == 2 and shape[0] > 1 or dtype not in FLOATS else lambda ct, u, s=x.shape: ([np.zeros(s)], [np.zeros(s)]),
                     tol={"eps": 16, "scale": 2}, gtol={"eps": 256, "scale": [4], "scale2": [4]} if x.ndim == 1 or shape[0] == 1 else {"eps": 256},
                     mix=x.ndim == 2 and shape[0] > 1)


def closeness(file):
    for dtype in DTYPES:
        lines = [(sample(dtype, (6,), -3, 3, key="close", digits=1), sample(dtype, (6,), -3, 3, key="to", digits=1), {}),
                 (sample(dtype, (2, 3), -3, 3, key="close", digits=1), sample(dtype, (3,), -3, 3, key="to", digits=1), {"atol": 1.25}),
                 (sample(dtype, (4,), -3, 3, key="close", digits=1), sample(dtype, (), 1, 3, key="to"), {"rtol": 0.75}),
                 (sample(dtype, (0,)), sample(dtype, (1,), 0, 3, key="to"), {}), (array([1, 0], dtype), array([1, 0], dtype), {})]
        if dtype in FLOATS:
            odd, other = array([nan, inf, -inf, inf, 1, 1, 0], dtype), array([nan, inf, inf, 2, 1.000001, inf, 1e-9], dtype)
            lines += [(odd, other, {}), (odd, other, {"equalNaN": True}), (odd[:2], odd[:2], {"equalNaN": True})]
        for x, y, options in lines:
            kw = {"rtol": options.get("rtol", 1e-5), "atol": options.get("atol", 1e-8), "equal_nan": options.get("equalNaN", False)}
            a, b = (x.astype(np.float64), y.astype(np.float64)) if dtype not in FLOATS else (x, y)
            args = [x, y, *([options] if options else [])]
            file.add("isClose", dtype, args, np.isclose(a, b, **kw), out_dtype="bool")
            file.add("allClose", dtype, args, np.asarray(np.allclose(a, b, **kw)), out_dtype="bool")


def main():
    file = File("stats")
    for part in (without_nan, averages, covariances, closeness):
        part(file)
    file.write()


if __name__ == "__main__":
    main()
