"""Searching, counting, choosing and joining: values by NumPy, derivatives by PyTorch.

`histogram`, `nonzero`, `topK` and `unique` give several tensors: the last argument of a case says which of them is compared.
"""

import numpy as np
import torch

from common import DTYPES, FLOATS, File, array, floating, inf, nan, sample

I = lambda *values: np.array(values, np.int32)
number = lambda dtype: "int32" if dtype == "bool" else dtype


def wide(x):
    """Totals are float64, and rounded once."""
    return x.astype(np.float64) if x.dtype.kind == "f" else x.astype(np.int32) if x.dtype == bool else x


def distinct(dtype, shape, key):
    """No ties among floating numbers; few digits."""
    if dtype not in FLOATS:
        return sample(dtype, shape, -9, 9, key=key)
    size = int(np.prod(shape))
    order = np.random.default_rng(size + len(key)).permutation(size)
    return array((order - size // 2) * 0.75 + 0.25, dtype).reshape(shape)


def searches(file):
    for dtype in DTYPES:
        lines = [
            (np.sort(sample(dtype, (7,), -4, 4, key="sorted", digits=0)), sample(dtype, (2, 3), -5, 5, key="wanted", digits=0)),
            (np.sort(sample(dtype, (8,), -4, 4, key="sorted", digits=0)), sample(dtype, (), -5, 5, key="wanted", digits=0)),
            (np.sort(sample(dtype, (1,), -4, 4, key="sorted", digits=0)), sample(dtype, (4,), -5, 5, key="wanted", digits=0)),
            (np.sort(sample(dtype, (0,))), sample(dtype, (3,), -5, 5, key="wanted")),
            (np.sort(sample(dtype, (33,), -9, 9, key="sorted", digits=0)), sample(dtype, (0,))),
        ]
        if dtype in FLOATS:
            lines.append((array([-inf, -1, -0.0, 0, 2, inf, nan, nan], dtype), array([nan, -inf, inf, 0, -0.0, 3, -1], dtype)))
        for table, wanted in lines:
            for side in ("left", "right"):
                options = [] if side == "left" else [{"side": side}]
                file.add("searchsorted", dtype, [table, wanted, *options], np.searchsorted(table, wanted, side), out_dtype="int32")
            if len(table):
                for right in (False, True):
                    out = np.searchsorted(table, wanted, "left" if right else "right")
                    file.add("digitize", dtype, [wanted, table, *([{"right": True}] if right else [])], out, out_dtype="int32")
        rows = np.sort(sample(dtype, (2, 5), -4, 4, key="rows", digits=0), -1)
        wanted = sample(dtype, (2, 3), -5, 5, key="rows wanted", digits=0)
        out = np.stack([np.searchsorted(r, w) for r, w in zip(rows, wanted)])
        file.add("searchsorted", dtype, [rows, wanted], out, out_dtype="int32", note="a batch")


def found(file):
    for dtype in DTYPES:
        for k, shape in enumerate([(6,), (2, 3), (2, 2, 2), (0, 3), (3, 1)]):
            x = sample(dtype, shape, 0, 2, key=("nonzero", k), digits=0)
            places = np.nonzero(x)
            which = k % len(shape)
            file.add("nonzero", dtype, [x, None, which], places[which], out_dtype="int32")
            filled = np.concatenate([places[which], np.full(9, -1)])[:4]
            file.add("nonzero", dtype, [x, {"size": 4, "fillValue": -1}, which], filled, out_dtype="int32")
            file.add("argwhere", dtype, [x], np.argwhere(x), out_dtype="int32")
            rows = np.concatenate([np.argwhere(x), np.zeros((3, len(shape)), int)])[:3]
            file.add("argwhere", dtype, [x, {"size": 3}], rows, out_dtype="int32")
        lines = [sample(dtype, (8,), 0, 3, key="unique", digits=0), sample(dtype, (3, 2), 0, 2, key="unique", digits=0),
                 sample(dtype, (), 0, 3, key="unique"), sample(dtype, (0,)), sample(dtype, (40,), 0, 9, key="unique", digits=0)]
        if dtype in FLOATS:
            lines.append(array([nan, 0, inf, -0.0, nan, -inf, inf], dtype))
        for x in lines:
            values, indices, inverse, counts = np.unique(x, return_index=True, return_inverse=True, return_counts=True)
            inverse = inverse.reshape(x.shape)
            pick = lambda z, i=indices: z.reshape(-1)[torch.tensor(i)]
            file.add("unique", dtype, [x, None, "values"], x.reshape(-1)[indices], out_dtype=dtype, fn=pick, gtol={"eps": 2}, mix=True)
            file.add("unique", dtype, [x, None, "indices"], indices, out_dtype="int32")
            file.add("unique", dtype, [x, None, "inverse"], inverse, out_dtype="int32")
            file.add("unique", dtype, [x, None, "counts"], counts, out_dtype="int32")
            if x.size:
                more = np.concatenate([indices, np.full(3, indices[0])])[:3]
                file.add("unique", dtype, [x, {"size": 3}, "values"], x.reshape(-1)[more], out_dtype=dtype,
                         fn=lambda z, i=more: z.reshape(-1)[torch.tensor(i)], gtol={"eps": 4}, mix=True)
                file.add("unique", dtype, [x, {"size": 3, "fillValue": 7}, "counts"],
                         np.concatenate([counts, np.zeros(3, int)])[:3], out_dtype="int32")


def counted(file):
    lines = [(I(1, 3, 1, 0), 5), (I(), 2), (I(2, 2), 3), (I(0, 1, 2, 3, 4, 5, 5), 6), (np.array([[1, 0], [1, 1]], np.int32), 2)]
    for dtype in ("int32", "uint32"):
        for x, length in lines:
            x = x.astype(DTYPES[dtype])
            file.add("bincount", dtype, [x], np.bincount(x.reshape(-1)), out_dtype="int32")
            file.add("bincount", dtype, [x, {"minLength": length}], np.bincount(x.reshape(-1), minlength=length), out_dtype="int32")
            file.add("bincount", dtype, [x, {"length": length}], np.bincount(x.reshape(-1), minlength=length), out_dtype="int32")
    for dtype in ("bool", *FLOATS):
        for k, (x, length) in enumerate(lines):
            w = sample(dtype, x.shape, -3, 3, key=("bincount", k))
            out = np.bincount(x.reshape(-1), wide(w).reshape(-1), minlength=length)
            file.add("bincount", dtype, [x, {"weights": w, "length": length}], out, out_dtype=number(dtype),
                     fn=lambda z, v, n=length: torch.zeros(n, dtype=v.dtype).index_put((z.reshape(-1).long(),), v.reshape(-1), accumulate=True),
                     tol={"eps": 4, "scale": 9} if dtype in FLOATS else None, gtol={"eps": 4}, mix=True)


def histograms(file):
    for dtype in DTYPES:
        own = floating(dtype)
        for k, (shape, options) in enumerate([((9,), {}), ((9,), {"bins": 4}), ((2, 4), {"bins": 3, "range": [-2, 5]}), ((0,), {"bins": 2}),
                                              ((1,), {"bins": 3}), ((12,), {"bins": 5, "range": [0, 4]})]):
            x = sample(dtype, shape, -4, 4, key=("histogram", k), digits=1)
            kw = {"bins": options.get("bins", 10), "range": options.get("range")}
            counts, edges = np.histogram(x.astype(np.float64), **kw)
            edges = np.histogram(x.astype(DTYPES[own]), **kw)[1] if own == "float32" else edges
            file.add("histogram", dtype, [x, options, 0], counts, out_dtype="int32")
            file.add("histogram", dtype, [x, options, 1], edges, out_dtype=own, tol={"eps": 2, "scale": 4})
            if x.size:
                density = np.histogram(x.astype(np.float64), density=True, **kw)[0]
                file.add("histogram", dtype, [x, {**options, "density": True}, 0], density, out_dtype=own, tol={"eps": 8})
        edges = array([0, 1], dtype) if dtype == "bool" else array([0, 1, 1, 3], dtype)
        x = sample(dtype, (8,), 0, 4, key="edges", digits=0)
        file.add("histogram", dtype, [x, {"bins": edges}, 0], np.histogram(x.astype(np.float64), edges.astype(np.float64))[0], out_dtype="int32")
    for dtype in FLOATS:
        bins = array([-3, -1, 0, 2.5], dtype)
        for k, options in enumerate([{}, {"density": True}, {}, {"density": True}]):
            x = sample(dtype, (7,), -4, 4, key=("weighed", k))
            w = sample(dtype, (7,), 0.25, 3, key=("weights", k))
            out = np.histogram(x.astype(np.float64), bins, weights=w.astype(np.float64), density="density" in options)[0]

            def fn(z, e, v, is_density="density" in options):
                place = torch.searchsorted(e.detach(), z.detach(), right=True) - 1
                inside = (place >= 0) & (place < 3)
                total = torch.zeros(3, dtype=v.dtype).index_put((place[inside],), v[inside], accumulate=True)
                return total / (total.sum() * torch.diff(e)) if is_density else total + 0 * z.sum()

            file.add("histogram", dtype, [x, {"bins": bins, "weights": w, **options}, 0], out, out_dtype=dtype, fn=fn,
                     tol={"eps": 8}, gtol={"eps": 32}, mix=True)


def chosen(file):
    for dtype in DTYPES:
        for k, (shape, axis, count, largest) in enumerate([((7,), -1, 3, True), ((3, 4), 0, 2, False), ((2, 3, 4), 1, 3, True), ((5,), 0, 0, True),
                                                           ((2, 0), 0, 1, True), ((1,), 0, 1, False)]):
            x = distinct(dtype, shape, f"top{k}")
            key = wide(x).astype(np.float64) * (-1 if largest else 1)
            order = np.take(np.argsort(key, axis=axis, kind="stable"), range(count), axis)
            options = {"axis": axis, **({} if largest else {"largest": False})}
            file.add("topK", dtype, [x, count, options, 0], np.take_along_axis(x, order, axis), out_dtype=dtype,
                     fn=lambda z, o=order, a=axis: torch.take_along_dim(z, torch.tensor(o), a), gtol={"eps": 2}, mix=True)
            file.add("topK", dtype, [x, count, options, 1], order, out_dtype="int32")
        for k, (shape, axis, kth) in enumerate([((7,), -1, 3), ((3, 4), 0, -1), ((2, 3, 4), 1, [0, 2]), ((1,), 0, 0)]):
            x = distinct(dtype, shape, f"partition{k}")
            order = np.argsort(x, axis=axis, kind="stable")
            file.add("argpartition", dtype, [x, kth, {"axis": axis}], order, out_dtype="int32", note="a full sort")
            file.add("partition", dtype, [x, kth, {"axis": axis}], np.sort(x, axis), out_dtype=dtype, note="a full sort",
                     fn=lambda z, a=axis: torch.sort(z, a).values, gtol={"eps": 2}, mix=True)
    for dtype in FLOATS:
        odd = array([1, nan, inf, 3, -inf, 3], dtype)
        file.add("topK", dtype, [odd, 5, {}, 1], I(2, 3, 5, 0, 4), out_dtype="int32", note="NaN last")
        file.add("topK", dtype, [odd, 6, {"largest": False}, 0], array([-inf, 1, 3, 3, inf, nan], dtype), note="NaN last")


def torch_quantile(z, q, axes, keep, method):
    """Along several axes at once, where PyTorch takes one; q's axes come first."""
    rank = z.ndim
    list_ = list(range(rank)) if axes is None else sorted(a % rank for a in ([axes] if isinstance(axes, int) else axes))
    rest = [a for a in range(rank) if a not in list_]
    rows = z.permute(*rest, *list_).reshape([z.shape[a] for a in rest] + [int(np.prod([z.shape[a] for a in list_]))])
    ordered = torch.sort(rows, -1).values
    position = q.reshape(-1) * (rows.shape[-1] - 1)
    low, high = torch.floor(position), torch.ceil(position)
    share = {"linear": position - low, "lower": 0 * q.reshape(-1), "higher": 0 * q.reshape(-1) + 1, "midpoint": 0 * q.reshape(-1) + 0.5,
             "nearest": torch.round(position) - low}[method].detach() if method != "linear" else position - low
    a, b = ordered[..., low.long()], ordered[..., high.long()]
    out = torch.movedim(a + (b - a) * share, -1, 0)
    shape = [1 if a in list_ else z.shape[a] for a in range(rank)] if keep else [z.shape[a] for a in rest]
    return out.reshape(list(q.shape) + shape)


def quantiles(file):
    calls = [((7,), None, {}), ((3, 4), 0, {"method": "lower"}), ((3, 4), [0, 1], {"keepDims": True}), ((2, 3, 4), [-1, 0], {"method": "midpoint"}),
             ((2, 3), -1, {"method": "higher"}), ((4, 2), 0, {"method": "nearest"}), ((1,), 0, {}), ((0, 2), 1, {})]
    shares = [0.3, 0.62, [0.1, 0.77], 0.45, [[0.2, 0.9]], 0.45, [0, 1], 0.5]
    for dtype in DTYPES:
        own = floating(dtype)
        for k, ((shape, axes, options), q) in enumerate(zip(calls, shares)):
            x = distinct(dtype, shape, f"quantile{k}")
            axis = tuple(axes) if isinstance(axes, list) else axes
            method, keep = options.get("method", "linear"), options.get("keepDims", False)
            z = x.astype(np.float64)
            for name, scale in (("quantile", 1), ("percentile", 100)):
                given = np.asarray(q) * scale
                arg = given.tolist() if isinstance(q, list) else float(np.round(given, 12))
                out = np.quantile(z, np.asarray(arg) / scale, axis=axis, method=method, keepdims=keep)
                file.add(name, dtype, [x, arg, axes, options], out, out_dtype=own, tol={"eps": 4, "scale": 9},
                         fn=lambda z, q=arg, s=scale, a=axes, k=keep, m=method: torch_quantile(z, torch.tensor(np.asarray(q, np.float64) / s), a, k, m),
                         gtol={"eps": 8}, mix=True)
            out = np.median(z, axis=axis, keepdims=keep)
            file.add("median", dtype, [x, axes, {"keepDims": keep}], out, out_dtype=own, tol={"eps": 2, "scale": 9},
                     fn=lambda z, a=axes, k=keep: torch_quantile(z, torch.tensor(0.5, dtype=torch.float64), a, k, "midpoint"), gtol={"eps": 4}, mix=True)
    for dtype in FLOATS:
        x, q = distinct(dtype, (2, 5), "by q"), array([0.13, 0.61], dtype)
        file.add("quantile", dtype, [x, q, 1], np.quantile(x.astype(np.float64), q.astype(np.float64), axis=1), out_dtype=dtype, tol={"eps": 8, "scale": 9},
                 fn=lambda z, q: torch_quantile(z, q, 1, False, "linear"), gtol={"eps": 16}, mix=True, note="q is a tensor")
        for name in ("quantile", "percentile"):
            file.add(name, dtype, [array([1, nan, 3], dtype), 0.0], np.array(nan), out_dtype=dtype, note="NaN wins")
            file.add(name, dtype, [array([inf, inf, 3], dtype), array([2], dtype) / (1 if name == "quantile" else 0.01)], np.array([nan]), out_dtype=dtype,
                     note="q out of range")
        file.add("median", dtype, [array([inf, inf, -inf, inf], dtype)], np.array(inf), out_dtype=dtype)


def integrals(file):
    for dtype in DTYPES:
        own = floating(dtype)
        for k, (shape, axis, kind) in enumerate([((5,), -1, 0), ((3, 4), 0, 1), ((2, 3), -1, 2), ((2, 0), 1, 0), ((1,), 0, 1), ((2, 3, 2), 1, 1)]):
            y = sample(dtype, shape, -4, 4, key=("trapezoid", k))
            x = [None, sample(dtype, (shape[axis],), -4, 4, key=("at", k)), sample(dtype, shape, -4, 4, key=("at", k))][kind]
            options = {"axis": axis, **({"dx": 0.5} if x is None else {"x": x})}
            z, at = y.astype(np.float64), None if x is None else x.astype(np.float64)
            out = np.trapezoid(z, at, dx=0.5, axis=axis)
            file.add("trapezoid", dtype, [y, options], out, out_dtype=own, tol={"eps": 8, "scale": 40}, gtol={"eps": 16}, mix=True,
                     fn=lambda z, p=None, a=axis: torch.trapezoid(z, p, dim=a) if p is not None else torch.trapezoid(z, dx=0.5, dim=a))


def torch_interp(x, xp, fp, left=None, right=None):
    """Pieces begin at their points; beyond the ends, constants."""
    if len(xp) == 1:
        inside = fp[0] + 0 * x
    else:
        i = torch.clamp(torch.searchsorted(xp.detach(), x.detach(), right=True) - 1, 0, len(xp) - 2)
        width = xp[i + 1] - xp[i]
        inside = fp[i] + (fp[i + 1] - fp[i]) / torch.where(width == 0, 1, width) * (x - xp[i])
    first = fp[0] if left is None else torch.tensor(float(left), dtype=x.dtype)
    last = fp[-1] if right is None else torch.tensor(float(right), dtype=x.dtype)
    return torch.where(x < xp[0], first, torch.where(x > xp[-1], last, inside))


def interpolations(file):
    for dtype in DTYPES:
        own = floating(dtype)
        lines = [((6,), 5, {}), ((2, 3), 4, {"left": -1.5, "right": 9}), ((), 3, {}), ((4,), 1, {"left": 2}), ((0,), 2, {}), ((5,), 9, {"right": 0})]
        for k, (shape, count, options) in enumerate(lines):
            x = sample(dtype, shape, -4, 6, key=("interp", k))
            xp = np.unique(sample(dtype, (count,), -3, 5, key=("points", k)))
            fp = sample(dtype, xp.shape, -4, 4, key=("values", k))
            z = [v.astype(np.float64) for v in (x, xp, fp)]
            out = np.interp(*z, left=options.get("left"), right=options.get("right"))
            file.add("interp", dtype, [x, xp, fp, options], out, out_dtype=own, tol={"eps": 16, "scale": 9}, gtol={"eps": 64}, mix=True,
                     fn=lambda x, xp, fp, o=options: torch_interp(x, xp, fp, **o), note="NumPy's, of distinct points")
        x = sample(dtype, (6,), -9, 9, key="around")
        xp, fp = sample(dtype, (3,), -4, 4, key="around points"), sample(dtype, (3,), -4, 4, key="around values")
        if len(np.unique(xp.astype(np.float64) % 5)) == 3:
            out = np.interp(x.astype(np.float64), xp.astype(np.float64), fp.astype(np.float64), period=5)
            file.add("interp", dtype, [x, xp, fp, {"period": 5}], out, out_dtype=own, tol={"eps": 16, "scale": 9})


def rearranged(file):
    for dtype in DTYPES:
        target = number(dtype)
        for k, (shape, options) in enumerate([((2, 3), {}), ((2, 3, 2), {"k": 2, "axes": [2, 0]}), ((3, 2), {"k": -1}), ((2, 2, 3), {"k": 3, "axes": [1, -1]}),
                                              ((0, 2), {}), ((1, 4), {"k": 4})]):
            x = sample(dtype, shape, -9, 9, key=("rot90", k))
            turns, axes = options.get("k", 1), options.get("axes", [0, 1])
            file.add("rot90", dtype, [x, *([options] if options else [])], np.rot90(x, turns, axes).copy(), out_dtype=dtype,
                     fn=lambda z, n=turns, a=axes: torch.rot90(z, n, a), gtol={"eps": 1}, mix=True)
        if dtype != "bool":
            for k, (a, b) in enumerate([((3,), (2,)), ((2, 3), (3, 2)), ((), (2, 2)), ((2,), (2, 1, 3)), ((0, 2), (2, 2))]):
                x, y = sample(dtype, a, -9, 9, key=("kron", k)), sample(dtype, b, -9, 9, key=("with", k))
                file.add("kron", dtype, [x, y], np.kron(x, y), out_dtype=dtype, fn=torch.kron, gtol={"eps": 8}, mix=True)
            for k, (a, b, axis) in enumerate([((3,), (3,), -1), ((2, 3), (3,), -1), ((3, 2), (3, 1), 0), ((2, 3, 1), (1, 3, 2), 1), ((0, 3), (3,), -1)]):
                x, y = sample(dtype, a, -4, 4, key=("cross", k)), sample(dtype, b, -4, 4, key=("with", k))
                file.add("cross", dtype, [x, y, *([{"axis": axis}] if axis != -1 else [])], np.cross(wide(x), wide(y), axis=axis), out_dtype=dtype,
                         fn=lambda u, v, d=axis: torch.linalg.cross(*torch.broadcast_tensors(u, v), dim=d), tol={"eps": 2, "scale": 16} if dtype in FLOATS else None,
                         gtol={"eps": 16}, mix=True)
        for k, (shape, n, axis, kind) in enumerate([((4,), 1, -1, 0), ((2, 3), 1, 0, 1), ((2, 3), 2, -1, 1), ((0,), 1, 0, 0)]):
            x = sample(dtype, shape, -9, 9, key=("diff", k))
            place = axis % len(shape)
            more = sample(dtype, () if kind == 0 else tuple(2 if i == place else m for i, m in enumerate(shape)), -9, 9, key=("more", k))
            z, m = wide(x), wide(more)
            file.add("diff", dtype, [x, {"n": n, "axis": axis, "prepend": more}], np.diff(z, n, axis, prepend=m), out_dtype=target,
                     tol={"eps": 2, "scale": 18} if dtype in FLOATS else None, check=1e-5, gtol={"eps": 4}, mix=True,
                     fn=lambda z, m, n=n, a=axis, k=kind: torch.diff(torch.cat([m.reshape([1] * z.ndim) if k == 0 else m, z], a), n=n, dim=a))
        for k, (shape, axis, counts, total) in enumerate([((3,), 0, [2, 0, 1], None), ((2, 3), -1, [1, 3, 0], 3), ((2, 3), 0, [2, 2], 6), ((2, 2), None, [1, 0, 2, 1], None)]):
            x = sample(dtype, shape, -9, 9, key=("repeat", k))
            places = np.repeat(np.arange(len(counts)), counts)
            if total is not None:
                places = np.concatenate([places, np.full(total, len(counts) - 1)])[:total]
            flat = x.reshape(-1) if axis is None else x
            args = [x, I(*counts), axis, *([{"totalRepeatLength": total}] if total is not None else [])]
            file.add("repeat", dtype, args, np.take(flat, places, axis or 0), out_dtype=dtype, gtol={"eps": 4}, mix=True,
                     fn=lambda z, c, a=axis, p=places: torch.index_select(z.reshape(-1) if a is None else z, a or 0, torch.tensor(p)))


EMPTY = {"segmentMean": lambda d: 0, "segmentProd": lambda d: 1,
         "segmentMax": lambda d: -inf if d in FLOATS else np.iinfo(DTYPES[d]).min,
         "segmentMin": lambda d: inf if d in FLOATS else np.iinfo(DTYPES[d]).max}
OF_NUMPY = {"segmentMean": np.mean, "segmentProd": np.prod, "segmentMax": np.max, "segmentMin": np.min}
OF_TORCH = {"segmentMean": lambda z: z.mean(0), "segmentMax": lambda z: z.amax(0), "segmentMin": lambda z: z.amin(0),
            "segmentProd": lambda z: torch.stack([*torch.unbind(z, 0)]).prod(0)}


def segments(file):
    for name in EMPTY:
        for dtype in DTYPES:
            own = floating(dtype) if name == "segmentMean" else number(dtype)
            for k, (shape, rank, count) in enumerate([((5,), 1, 3), ((4, 2), 1, 2), ((2, 3, 2), 2, 4), ((3, 0), 1, 2), ((0, 2), 1, 2)]):
                x = distinct(dtype, shape, name) if name in ("segmentMax", "segmentMin") else sample(dtype, shape, -3, 3, key=(name, k))
                size = int(np.prod(shape[:rank]))
                ids = (np.random.default_rng(size + k).integers(0, count, size) - (count if k == 1 else 0)).astype(np.int32).reshape(shape[:rank])
                rows = wide(x).reshape((size, *shape[rank:]))
                where = [np.flatnonzero(ids.reshape(-1) % count == s) for s in range(count)]
                empty = EMPTY[name](own)
                out = np.stack([OF_NUMPY[name](rows[w], axis=0) if len(w) else np.full(shape[rank:], empty) for w in where])

                def fn(z, _, w=where, r=rank, e=empty, f=OF_TORCH[name]):
                    flat = z.reshape(-1, *z.shape[r:]) if z.numel() else z.reshape(sum(map(len, w)), *z.shape[r:])
                    return torch.stack([f(flat[torch.tensor(p)]) if len(p) and flat.numel() else torch.full(z.shape[r:], float(e), dtype=z.dtype) for p in w]) + 0 * z.sum()

                file.add(name, dtype, [x, ids, {"numSegments": count}], out, out_dtype=own, tol={"eps": 4, "scale": 9} if own in FLOATS else None,
                         fn=fn, gtol={"eps": 16}, mix=True)


def tuples(file):
    for dtype in DTYPES:
        for k, (shape, at, reduction) in enumerate([((4,), [[1], [3], [1]], "set"), ((2, 3), [[1, 0], [0, -1]], "set"), ((2, 3), [[1], [1]], "add"),
                                                    ((3,), [[0], [0], [2]], "max"), ((2, 2), [[0, 1], [0, 1]], "mul"), ((2, 2), [[0, 1]], "min")]):
            if dtype == "bool" and reduction in ("add", "mul"):
                continue
            at = np.array(at, np.int32)
            x = sample(dtype, shape, -9, 9, key=("tuples", k))
            own = tuple(at[:, i] for i in range(at.shape[1]))
            u = sample(dtype, x[own].shape, -9, 9, key=("updates", k))
            out = wide(x) if dtype in FLOATS else x.copy()
            if reduction == "set":
                out[own] = u
            else:
                {"add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}[reduction].at(out, own, u.astype(out.dtype))

            def fn(z, _, v, own=own, r=reduction):
                for n in range(len(own[0])):
                    place = tuple(int(i[n]) for i in own)
                    mask = torch.zeros(z.shape, dtype=torch.bool)
                    mask[place] = True
                    old = z[place]
                    new = {"set": lambda: v[n], "add": lambda: old + v[n], "mul": lambda: old * v[n], "max": lambda: torch.maximum(old, v[n]),
                           "min": lambda: torch.minimum(old, v[n])}[r]()
                    z = torch.where(mask, new.expand(z[place].shape) if new.ndim == 0 else new, z)
                return z

            file.add("scatterNd", dtype, [x, at, u, *([{"reduction": reduction}] if reduction != "set" else [])], out, out_dtype=dtype,
                     fn=fn, gtol={"eps": 16}, mix=True)


def main():
    file = File("arrays")
    for part in (searches, found, counted, histograms, chosen, quantiles, integrals, interpolations, rearranged, segments, tuples):
        part(file)
    file.write()


if __name__ == "__main__":
    main()
