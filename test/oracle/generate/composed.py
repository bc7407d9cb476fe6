"""Products over axes, einsum, norms, diagonals, rearrangements and ranges: values by NumPy, derivatives by PyTorch."""

import numpy as np
import torch

from common import DTYPES, FLOATS, INTEGERS, NUMERIC, File, array, inf, nan, promote, sample


def wide(x):
    """Sums are made in float64."""
    return x.astype(np.float64) if x.dtype.kind == "f" else x


def terms(fn, xs, count):
    """What a sum of so many products may be off by."""
    return {"ulp": 2, "sum64": np.abs(np.asarray(fn(*[np.abs(wide(x)) for x in xs]), np.float64)) * count}


def products(file, dtype):
    x = lambda *shape, key="p": sample(dtype, shape, -3, 3, key=key)
    flat_dot = lambda a, b: a * b if a.ndim == 0 or b.ndim == 0 else torch.tensordot(a, b, dims=([a.ndim - 1], [max(b.ndim - 2, 0)]))
    for left, right in [((3,), (3,)), ((2, 3), (3, 2)), ((2, 3), (3,)), ((3,), (3, 2)), ((), (2, 2)), ((2, 2, 3), (2, 3, 1)), ((0, 3), (3, 2)), ((2, 0), (0, 2))]:
        add(file, "dot", dtype, [x(*left), x(*right, key="q")], np.dot, flat_dot, left[-1] if left else 1)
    inner = lambda a, b: a * b if a.ndim == 0 or b.ndim == 0 else torch.tensordot(a, b, dims=([a.ndim - 1], [b.ndim - 1]))
    for left, right in [((3,), (3,)), ((2, 3), (2, 3)), ((2, 2, 3), (3,)), ((2,), ()), ((2, 0), (3, 0)), ((0, 2), (2,))]:
        add(file, "inner", dtype, [x(*left), x(*right, key="q")], np.inner, inner, left[-1] if left else 1)
    for left, right in [((3,), (2,)), ((2, 2), (3,)), ((), (2,)), ((0,), (3,)), ((1,), (1,))]:
        add(file, "outer", dtype, [x(*left), x(*right, key="q")], np.outer, lambda a, b: torch.outer(a.reshape(-1), b.reshape(-1)), 1)
    for left, right, axes in [((2, 3), (2, 3), None), ((2, 3), (3, 2), 1), ((2,), (3,), 0), ((2, 3, 2), (2, 3), [[0, 1], [0, 1]]),
                              ((2, 3, 2), (3, 2), [[1, 2], [0, -1]]), ((2, 0), (0, 3), 1), ((2, 3), (3,), [1, 0])]:
        a = 2 if axes is None else axes
        to = a if isinstance(a, int) else [[n] if isinstance(n, int) else n for n in a]
        add(file, "tensordot", dtype, [x(*left), x(*right, key="q")], lambda p, q, a=a: np.tensordot(p, q, a),
            lambda p, q, a=to: torch.tensordot(p, q, dims=a), 12, more=[] if axes is None else [axes])
    if dtype in FLOATS:
        large = array([1e30, -1e30, 1, 2], dtype)
        file.add("inner", dtype, [large, array([1, 1, 3, 4], dtype)], np.array(11.0), out_dtype=dtype,
                 tol={"ulp": 2, "sum64": np.array(8e30)}, note="cancellation")


def add(file, op, dtype, xs, fn, torch_fn, count, more=(), first=()):
    out = np.asarray(fn(*[wide(x) for x in xs]))
    file.add(op, dtype, [*first, *xs, *more], out, out_dtype=dtype, fn=torch_fn, gtol={"eps": 8}, mix=True,
             tol=terms(fn, xs, max(count, 1)) if dtype in FLOATS else None)


EINSUMS = [
    ("ij,jk->ik", (2, 3), (3, 2)), ("ij,jk", (2, 3), (3, 2)), ("ba,b", (2, 3), (2,)), ("ii->i", (3, 3)), ("ii", (3, 3)),
    ("ij->ji", (2, 3)), ("ij->", (2, 3)), ("i,j->ij", (2,), (3,)), ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)),
    ("bi,bi->b", (3, 2), (3, 2)), ("...ij,...jk->...ik", (2, 1, 2, 3), (2, 3, 2)), ("...i,...i", (2, 3), (1, 3)),
    ("ij,jk,kl,lm->im", (2, 3), (3, 2), (2, 3), (3, 2)), ("i,i,i", (3,), (3,), (3,)), ("iji->j", (2, 3, 2)),
    ("ij,jk->ik", (0, 3), (3, 2)), ("ij,jk->ik", (2, 0), (0, 2)), ("i...->...i", (2, 3, 1)), (",i->i", (), (3,)),
    ("abc,cd,be->aed", (2, 2, 2), (2, 3), (2, 1)),
]  # fmt: skip


def einsums(file, dtype):
    for subscripts, *shapes in EINSUMS:
        xs = [sample(dtype, shape, -2, 2, key=("e", i)) for i, shape in enumerate(shapes)]
        # PyTorch's `einsum` refuses repeated letters of some kinds and empty lists; NumPy's takes all.
        add(file, "einsum", dtype, xs, lambda *zs, s=subscripts: np.einsum(s, *zs),
            lambda *zs, s=subscripts: torch.einsum(s, *zs), 40, first=[subscripts])


def norms(file, dtype):
    calls = [((4,), {}), ((2, 3), {"axes": 0}), ((2, 3), {"ord": 1, "axes": [-1], "keepDims": True}), ((2, 3), {"ord": "fro"}),
             ((2, 3), {"ord": 3, "axes": 1}), ((3,), {"ord": 2.5}), ((), {}), ((0, 2), {"axes": 0}), ((2, 2, 2), {"ord": 2, "axes": [0, 2]})]
    own = dtype if dtype in FLOATS else "float32"
    for shape, options in calls:
        x = sample(dtype, shape, -3, 3, key="norm")
        add_norm(file, dtype, own, x, options)
    for ord_ in (inf, -inf):
        add_norm(file, dtype, own, sample(dtype, (2, 3), -3, 3, key="extreme"), {"ord": ord_, "axes": 1})
    if dtype not in FLOATS:
        return
    top, tiny = (3e38, 1e-44) if dtype == "float32" else (1e308, 1e-320)
    for values in ([top, 0.5 * top], [tiny, 0], [3 * 2.0**-140, 4 * 2.0**-140] if dtype == "float32" else [3 * 2.0**-1050, 4 * 2.0**-1050]):
        x = array(values, dtype)
        scale = float(np.max(np.abs(x)))
        exact = np.linalg.norm(wide(x) / scale) * scale
        unit = wide(x) / scale / np.linalg.norm(wide(x) / scale)
        file.add("norm", dtype, [x], exact, out_dtype=dtype, tol={"ulp": 3}, grads=lambda ct, _, u=unit: ([ct * u], None), second=False,
                 gtol={"eps": 8}, mix=True, note="squares would overflow or vanish")
    zero = lambda ct, u: ([np.zeros(3)], [np.zeros(3)])
    for options in ({}, {"ord": 3}, {"ord": 1}):
        file.add("norm", dtype, [array([0, 0, 0], dtype), *([options] if options else [])], np.array(0.0), out_dtype=dtype, grads=zero,
                 gtol={"eps": 1}, note="the gradient at 0 is 0")
    for values, result in (([1, nan], nan), ([1, -inf], inf)):
        file.add("norm", dtype, [array(values, dtype)], np.array(result), out_dtype=dtype, note="NaN and infinities")


def add_norm(file, dtype, own, x, options):
    axes = options.get("axes")
    keep, order = options.get("keepDims", False), options.get("ord", 2)
    p = 2 if order == "fro" else order
    every = tuple(range(x.ndim)) if axes is None else tuple(axes) if isinstance(axes, list) else (axes,)
    size = np.abs(x.astype(np.float64))
    if p == inf:
        out = np.max(size, axis=every, keepdims=keep)
    elif p == -inf:
        out = np.min(size, axis=every, keepdims=keep)
    else:
        out = np.sum(size**p, axis=every, keepdims=keep) ** (1 / p)
    extreme = abs(p) == inf
    lowest = lambda z: (torch.amax if p == inf else torch.amin)(z.abs(), every, keepdim=keep)
    fn = lowest if extreme else lambda z: torch.linalg.vector_norm(z, p, every, keep) if z.numel() and z.ndim else z.abs().sum(every, keep) if z.ndim else z.abs() * 1
    file.add("norm", dtype, [x, *([options] if options else [])], out, out_dtype=own, tol=None if extreme else {"eps": 4}, fn=fn,
             gtol={"eps": 16}, mix=True)


def moved(file, op, dtype, args, out, fn, note=None, out_dtype=None):
    own = out_dtype or dtype
    file.add(op, dtype, args, np.array(out), out_dtype=own, fn=fn if dtype in FLOATS else None, gtol={"eps": 4}, mix=True, note=note)


def options(**given):
    return [given] if given else []


def diagonals(file, dtype):
    x = lambda *shape: sample(dtype, shape, -9, 9, key="diagonal")
    for shape, k in [((3, 3), 0), ((2, 4), 1), ((4, 2), -2), ((2, 2, 3), -1), ((0, 3), 0), ((2, 2), 5)]:
        more = options(offset=k) if k else []
        moved(file, "tril", dtype, [x(*shape), *more], np.tril(x(*shape), k), lambda z, k=k: torch.tril(z, k))
        moved(file, "triu", dtype, [x(*shape), *more], np.triu(x(*shape), k), lambda z, k=k: torch.triu(z, k))
    for shape, k in [((3,), 0), ((2,), 2), ((2,), -1), ((2, 3), 0), ((3, 2), -1), ((2, 2), 4), ((0,), 1)]:
        moved(file, "diag", dtype, [x(*shape), *(options(offset=k) if k else [])], np.diag(x(*shape), k),
              lambda z, k=k: torch.diag(z, k) if z.numel() else torch.zeros(abs(k), abs(k), dtype=z.dtype))
    for shape, given in [((3, 3), {}), ((2, 4), {"offset": 2}), ((2, 3, 4), {"axis1": 2, "axis2": 0}), ((2, 3, 4), {"offset": -1, "axis1": -2, "axis2": -1}),
                         ((0, 2), {}), ((2, 2), {"offset": 3})]:
        k, a, b = given.get("offset", 0), given.get("axis1", 0), given.get("axis2", 1)
        moved(file, "diagonal", dtype, [x(*shape), *options(**given)], np.diagonal(x(*shape), k, a, b).copy(),
              lambda z, k=k, a=a, b=b: torch.diagonal(z, k, a, b))


def arranged(file, dtype):
    x = lambda *shape: sample(dtype, shape, -9, 9, key="arranged")
    for shape in [(2, 3), (), (0, 2), (4,), (1, 2, 2)]:
        moved(file, "ravel", dtype, [x(*shape)], x(*shape).ravel(), lambda z: z.reshape(-1))
    for shape, reps in [((3,), 2), ((2, 2), [2, 1]), ((2,), [2, 3]), ((2, 1, 2), [2, 2]), ((), [2]), ((2,), 0), ((0, 2), [2, 2])]:
        moved(file, "tile", dtype, [x(*shape), reps], np.tile(x(*shape), reps), lambda z, r=reps: torch.tile(z, tuple(np.atleast_1d(r))))
    for shape, counts, axis in [((3,), 2, None), ((2, 2), 2, 1), ((2, 2), [0, 2], 0), ((2, 2), [1, 0, 2, 1], None), ((2, 3), 0, -1), ((0, 2), 3, 0), ((3,), [1, 1, 2], 0)]:
        c = torch.tensor(counts)
        moved(file, "repeat", dtype, [x(*shape), counts, *([] if axis is None else [axis])], np.repeat(x(*shape), counts, axis),
              lambda z, c=c, a=axis: torch.repeat_interleave(z, c, a))
    for shape, cuts, axis, which in [((6,), 3, None, 1), ((2, 4), 2, 1, 0), ((5,), [1, 3], None, 2), ((3, 5), [2, 2], -1, 1), ((4,), [-1], None, 0), ((0, 2), 2, 0, 1), ((4,), [9], 0, 1)]:
        a = axis or 0
        piece = lambda z, c=cuts, a=a, w=which: (np.split if isinstance(z, np.ndarray) else torch.tensor_split)(z, c, a)[w]
        moved(file, "split", dtype, [x(*shape), cuts, axis, which], piece(x(*shape)), piece, note="one piece of several")
    for shape, shift, axis in [((5,), 2, None), ((2, 3), -1, None), ((2, 3), 1, 1), ((2, 3), [1, -2], [0, 1]), ((3,), 7, 0), ((0, 2), 1, 0), ((3, 2), [1, 1], [0, 0])]:
        tuples = lambda n: tuple(n) if isinstance(n, list) else n
        moved(file, "roll", dtype, [x(*shape), shift, *([] if axis is None else [axis])], np.roll(x(*shape), tuples(shift), tuples(axis)),
              lambda z, s=shift, a=axis: torch.roll(z, tuples(s), tuples(a)))
    for shape, a, b in [((2, 3), 0, 1), ((2, 3, 4), 0, -1), ((2, 3), 1, 1), ((0, 2), -1, 0), ((2, 1, 3), 1, 2)]:
        moved(file, "swapAxes", dtype, [x(*shape), a, b], np.swapaxes(x(*shape), a, b).copy(), lambda z, a=a, b=b: torch.swapaxes(z, a, b))
        moved(file, "moveAxis", dtype, [x(*shape), a, b], np.moveaxis(x(*shape), a, b).copy(), lambda z, a=a, b=b: torch.moveaxis(z, a, b))
    moved(file, "moveAxis", dtype, [x(2, 3, 4), [0, 1], [-1, 0]], np.moveaxis(x(2, 3, 4), [0, 1], [-1, 0]).copy(),
          lambda z: torch.moveaxis(z, (0, 1), (-1, 0)))
    slices = [((5,), [None, None, {"step": -1}], (slice(None, None, -1),)), ((5,), [-2, 0, {"step": -2}], (slice(-2, 0, -2),)),
              ((4, 3), [[None, 1], [0, None], {"step": [-3, -1]}], (slice(None, 0, -3), slice(1, None, -1))),
              ((3,), [9, -9, {"step": -1}], (slice(9, -9, -1),)), ((3,), [0, 2, {"step": -1}], (slice(0, 2, -1),)), ((0,), [None, None, {"step": -2}], (slice(None, None, -2),))]
    for shape, args, index in slices:
        # PyTorch has no negative steps: the same places as a list.
        lists = [list(range(*one.indices(n))) for one, n in zip(index, shape)]
        fn = lambda z, ls=lists: z[tuple(torch.meshgrid(*[torch.tensor(p, dtype=torch.long) for p in ls], indexing="ij"))]
        # An argument that is null is left out; inside of a list it is kept.
        args = [[arg] if arg is None else arg for arg in args]
        moved(file, "slice", dtype, [x(*shape), *args], x(*shape)[index].copy(), fn, note="backwards")


def ranges(file, dtype):
    x = lambda *shape, key="mesh": sample(dtype, shape, -9, 9, key=key)
    for shapes, given, which in [([(2,), (3,)], {}, 0), ([(2,), (3,)], {}, 1), ([(2,), (3,)], {"indexing": "ij"}, 0), ([(2,), (1,), (2,)], {}, 2), ([(0,), (2,)], {}, 1), ([(3,)], {}, 0), ([(), (2,)], {}, 0)]:
        xs = [x(*shape, key=("mesh", i)) for i, shape in enumerate(shapes)]
        fn = lambda *zs, g=given, w=which: torch.meshgrid(*zs, indexing=g.get("indexing", "xy"))[w]
        moved(file, "meshgrid", dtype, [xs, given or None, which], np.meshgrid(*xs, **given)[which].copy(), fn, note="one of several")
    for shape, value in [((2, 3), 2), ((), 1), ((0, 2), 0), ((2,), 1)]:
        file.add("fullLike", dtype, [x(*shape), value], np.full_like(x(*shape), value), out_dtype=dtype)
    if dtype == "bool":
        return
    kw = {"dtype": dtype}
    for start, stop, count, more in [(0, 9, 4, {}), (2, 8, 3, {"endpoint": False}), (1, 10, 1, {}), (5, 6, 0, {}), (0, 10, 7, {}), (9, 1, 5, {})]:
        file.add("linspace", dtype, [start, stop, count, {**kw, **more}], np.linspace(start, stop, count, dtype=DTYPES[dtype], **more), out_dtype=dtype,
                 tol={"ulp": 2} if dtype in FLOATS else None)
        file.add("logspace", dtype, [start / 4, stop / 4, count, {**kw, **more, "base": 4}],
                 np.logspace(start / 4, stop / 4, count, base=4, **more).astype(DTYPES[dtype]), out_dtype=dtype,
                 tol={"ulp": 4} if dtype == "float64" else {"ulp": 1} if dtype == "float32" else None)
    if dtype == "float32":
        file.add("linspace", dtype, [-1.5, 1.5], np.linspace(-1.5, 1.5), out_dtype=dtype, tol={"ulp": 1}, note="50 unless given")
        file.add("logspace", dtype, [-3, 3, 7], np.logspace(-3, 3, 7), out_dtype=dtype, tol={"ulp": 1})


def main():
    file = File("composed")
    for dtype in DTYPES:
        if dtype in NUMERIC:
            products(file, dtype)
            einsums(file, dtype)
        for part in (norms, diagonals, arranged, ranges):
            part(file, dtype)
    file.write()


if __name__ == "__main__":
    main()
