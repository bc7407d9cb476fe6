"""Running totals, recurrences and differences: values by NumPy, derivatives by PyTorch.

The reference engine keeps totals in float64 and rounds each once. PyTorch's recurrence is a loop; its `cummax` gives the
gradient to the last of equal elements, Cotangent's to the first: ties have a case of their own with known gradients.
"""

import numpy as np
import torch

from common import DTYPES, FLOATS, File, array, floating, inf, nan, promote, sample

# shape, axis, options
CALLS = [
    ((4,), 0, {}),
    ((2, 3), None, {}),
    ((2, 3), -1, {"reverse": True}),
    ((2, 3), 0, {}),
    ((2, 3, 2), 1, {}),
    ((1, 3), 0, {}),
    ((0, 3), 0, {}),
    ((2, 0), 1, {"reverse": True}),
    ((), None, {}),
    ((17,), -1, {}),
]
EXCLUSIVE = [((4,), 0, {"exclusive": True}), ((2, 3), -1, {"exclusive": True, "reverse": True}), ((0,), 0, {"exclusive": True})]
NUMPY = {"cumsum": np.cumsum, "cumprod": np.cumprod, "cummax": np.maximum.accumulate, "cummin": np.minimum.accumulate,
         "logcumsumexp": np.logaddexp.accumulate}
TORCH = {"cumsum": torch.cumsum, "cumprod": torch.cumprod, "cummax": lambda z, a: torch.cummax(z, a)[0],
         "cummin": lambda z, a: torch.cummin(z, a)[0], "logcumsumexp": torch.logcumsumexp}


def arguments(x, axis, options):
    if options:
        return [x, axis, options]
    return [x] if axis is None else [x, axis]


def by_numpy(name, x, axis, options):
    """In x's own dtype, or float64 for floating ones."""
    x, axis = (x.reshape(-1), 0) if axis is None else (x, axis)
    turn = (lambda z: np.flip(z, axis)) if options.get("reverse") else (lambda z: z)
    fn = NUMPY[name]
    kw = {"dtype": x.dtype} if name in ("cumsum", "cumprod") else {}
    out = fn(turn(x), axis=axis, **kw) if x.size else x.copy()
    if options.get("exclusive") and x.size:
        out = np.roll(out, 1, axis)
        out[tuple(slice(0, 1) if i == axis % x.ndim else slice(None) for i in range(x.ndim))] = name == "cumprod"
    return turn(out)


def by_torch(name, axis, options):
    def fn(z):
        z, a = (z.reshape(-1), 0) if axis is None else (z, axis)
        turn = (lambda y: torch.flip(y, [a])) if options.get("reverse") else (lambda y: y)
        y = TORCH[name](turn(z), a) if z.numel() else turn(z) * 1
        if options.get("exclusive") and z.numel():
            size = z.shape[a]
            first = torch.full_like(y.narrow(a, 0, 1), 1.0 if name == "cumprod" else 0.0)
            y = torch.cat([first, y.narrow(a, 0, size - 1)], a)
        return turn(y)

    return fn


def totals(file):
    for name in NUMPY:
        calls = CALLS + (EXCLUSIVE if name in ("cumsum", "cumprod") else [])
        for dtype in DTYPES:
            own = floating(dtype) if name == "logcumsumexp" else "int32" if dtype == "bool" else dtype
            wide = np.float64 if own in FLOATS else DTYPES[own]
            for shape, axis, options in calls:
                x = distinct(dtype, shape, name) if dtype in FLOATS else sample(dtype, shape, -3, 3, key=name)
                out = by_numpy(name, x.astype(wide), axis, options)
                tol = None
                if own in FLOATS and name == "cumsum":
                    scale = by_numpy(name, np.abs(x.astype(wide)), axis, options)
                    tol = {"ulp": 1, "sum64": scale * max(x.size, 1)}
                if own in FLOATS and name == "cumprod":
                    tol = {"ulp": 1 if own == "float32" else max(x.size, 1)}
                if name == "logcumsumexp":
                    tol = {"eps": 6, "scale": 4}
                file.add(name, dtype, arguments(x, axis, options), out, out_dtype=own, tol=tol,
                         fn=by_torch(name, axis, options), gtol={"eps": 32 if name == "logcumsumexp" else 16}, mix=True)


def distinct(dtype, shape, key):
    """No ties: where extremes tie, PyTorch and Cotangent choose different elements."""
    size = int(np.prod(shape))
    order = np.random.default_rng(len(key) + size).permutation(size)
    return array((order - size // 2) * 0.25 + 0.125, dtype).reshape(shape) * DTYPES[dtype](0.5 if key == "cumprod" else 1)


def special(file):
    for dtype in FLOATS:
        line = array([1, -0.0, inf, 2, nan, -inf], dtype)
        for name in ("cumsum", "cumprod", "cummax", "cummin"):
            file.add(name, dtype, [line, 0], by_numpy(name, line.astype(np.float64), 0, {}), out_dtype=dtype, tol={"ulp": 0},
                     note="NaN and infinities")
        large = array([1e30, 1, -1e30, 1, 3], dtype)
        file.add("cumsum", dtype, [large, 0], np.cumsum(large.astype(np.float64)), out_dtype=dtype,
                 note="cancellation: totals are float64, in order")
        zeros = array([[2, 0, 3, 4], [0, 5, 0, 1], [0, 0, 0, 2]], dtype)
        file.add("cumprod", dtype, [zeros, -1], np.cumprod(zeros, -1), fn=lambda z: torch.cumprod(z, -1), gtol={"eps": 4},
                 mix=True, note="with zeros among the factors")
        ties = array([1, 2, 2, 0, 3, 3], dtype)
        first = lambda places: lambda ct, u: ([sum(ct[i] * np.eye(6)[p] for i, p in enumerate(places))], [np.zeros(6)])
        file.add("cummax", dtype, [ties, 0], np.maximum.accumulate(ties), grads=first([0, 1, 1, 1, 4, 4]), gtol={"eps": 2},
                 note="the first of equal elements has the gradient")
        file.add("cummin", dtype, [-ties, 0], np.minimum.accumulate(-ties), grads=first([0, 1, 1, 1, 4, 4]), gtol={"eps": 2},
                 note="the first of equal elements has the gradient")
        far = array([-1e4, 1e4, 9999.5, -1e4, 10000.25], dtype)
        file.add("logcumsumexp", dtype, [far, 0], np.logaddexp.accumulate(far.astype(np.float64)), out_dtype=dtype,
                 tol={"eps": 4}, fn=prefixes, gtol={"eps": 16}, mix=True, check=1e-6,
                 note="far apart")
        none = array([-inf, -inf, 0, 1], dtype)
        file.add("logcumsumexp", dtype, [none, 0], np.array([-inf, -inf, 0, np.log1p(np.e)]), out_dtype=dtype,
                 tol={"eps": 4}, note="-infinity while there is nothing else")


def prefixes(z):
    """logcumsumexp, each prefix shifted by its greatest element: PyTorch's gradient loses digits at large arguments."""
    greatest = [z[: i + 1].max().detach() for i in range(len(z))]
    return torch.stack([m + torch.log(torch.exp(z[: i + 1] - m).sum()) for i, m in enumerate(greatest)])


def scan(a, b, axis, reverse, initial):
    """The recurrence as it is written, for arrays of NumPy and tensors of PyTorch."""
    torches = isinstance(b, torch.Tensor)
    a, b = torch.broadcast_tensors(a, b) if torches else np.broadcast_arrays(a, b)
    unbind = (lambda z: list(torch.unbind(z, axis))) if torches else (lambda z: [np.take(z, i, axis) for i in range(z.shape[axis])])
    steps = list(zip(unbind(a), unbind(b)))
    h, out = initial, []
    for factor, term in reversed(steps) if reverse else steps:
        h = term if h is None else factor * h + term
        out.append(h + (0 * term))
    if not out:
        return b * 1
    if reverse:
        out.reverse()
    return torch.stack(out, axis) if torches else np.stack(out, axis)


def recurrences(file):
    calls = [
        ((5,), (5,), None, {}),
        ((3, 2), (3, 2), None, {"reverse": True}),
        ((2, 4), (2, 4), (2,), {"axis": -1}),
        ((3, 1), (3, 2), (), {}),
        ((4,), (4,), (), {"reverse": True}),
        ((0, 2), (0, 2), (2,), {}),
        ((), (6,), None, {}),
    ]
    for dtype in DTYPES:
        own = "int32" if dtype == "bool" else dtype
        wide = np.float64 if own in FLOATS else DTYPES[own]
        for a_shape, b_shape, start, options in calls:
            a = sample(dtype, a_shape, -1.5, 2, key="scan a")
            b = sample(dtype, b_shape, -3, 3, key="scan b")
            axis, reverse = options.get("axis", 0), options.get("reverse", False)
            more = [] if start is None else [sample(dtype, start, -2, 2, key="scan h")]
            given = {**options, **({"initial": more[0]} if more else {})}
            values = [z.astype(wide) for z in (a, b, *more)]
            out = scan(values[0], values[1], axis, reverse, values[2] if more else None)
            scale = float(np.max(np.abs(out), initial=1)) if own in FLOATS else 0
            file.add("affineScan", dtype, [a, b, *([given] if given else [])], out, out_dtype=own,
                     tol={"eps": 4, "scale": scale} if own in FLOATS else None, gtol={"eps": 32}, mix=True,
                     fn=lambda x, y, h=None, p=axis, r=reverse: scan(x, y, p, r, h))


def differences(file):
    calls = [((5,), {}), ((2, 4), {"n": 2}), ((3, 2), {"axis": 0}), ((3, 2), {"n": 3, "axis": 0}), ((2, 0), {}), ((1,), {}),
             ((2, 3), {"n": 0})]
    for dtype in DTYPES:
        own = "int32" if dtype == "bool" else dtype
        for shape, options in calls:
            x = sample(dtype, shape, -9, 9, key="diff")
            n, axis = options.get("n", 1), options.get("axis", -1)
            out = np.diff(x.astype(DTYPES[own]), n=n, axis=axis)
            file.add("diff", dtype, [x, *([options] if options else [])], out, out_dtype=own, check=1e-5,
                     fn=lambda z, n=n, a=axis: torch.diff(z, n=n, dim=a) if n else z * 1, gtol={"eps": 4}, mix=True,
                     note="of bool, int32" if dtype == "bool" else None)


def main():
    file = File("cumulative")
    totals(file)
    special(file)
    recurrences(file)
    differences(file)
    file.write()


if __name__ == "__main__":
    main()
