"""What indices name, read and written: values by NumPy, derivatives by PyTorch."""

import numpy as np
import torch

from common import DTYPES, FLOATS, File, sample

TYPED = {"set": DTYPES, "add": [d for d in DTYPES if d != "bool"], "mul": [d for d in DTYPES if d != "bool"],
         "min": DTYPES, "max": DTYPES}


def case(file, op, dtype, args, out, fn, out_dtype=None):
    """Indices are the last tensor for reads, the second for writes; PyTorch gets them as whole numbers."""
    target = out_dtype or dtype
    whole = lambda *zs: fn(*[z.long() if i == 1 else z for i, z in enumerate(zs)])
    file.add(op, dtype, args, out, out_dtype=target, fn=whole if dtype in FLOATS else None, gtol={"eps": 16}, mix=True)


def index(shape, size, key, dtype=np.int32):
    low = 0 if dtype == np.uint32 else -size
    values = np.random.default_rng(abs(hash_of(key, shape, size))).integers(low, size, shape) if size > 0 else np.zeros(shape)
    return np.asarray(values).astype(dtype)


def hash_of(key, shape, size):
    total = 7
    for n in [*key.encode(), *shape, size]:
        total = (total * 31 + n) % 1000003
    return total


def lookup(x, i, axis, batch):
    """NumPy's value: x[:axis] + i[batch:] + x[axis + 1:]."""
    out = np.empty(x.shape[:axis] + i.shape[batch:] + x.shape[axis + 1:], x.dtype)
    for place in np.ndindex(*x.shape[:axis]):
        out[place] = np.take(x[place], i[place[:batch]], 0)
    return out


def torch_lookup(x, i, axis, batch):
    before = x.shape[:axis]
    own = i.shape[batch:]
    full = i.reshape(*i.shape[:batch], *[1] * (axis - batch), *own).expand(*before, *own)
    full = torch.where(full < 0, full + x.shape[axis], full)
    grids = [torch.arange(n).reshape([n if k == j else 1 for k in range(len(before))] + [1] * len(own))
             for j, n in enumerate(before)]
    return x[(*grids, full)]


CALLS = [((5,), 0, 0, (4,)), ((3, 4), 0, 0, (2, 2)), ((3, 4), 1, 0, (3,)), ((2, 3, 2), 1, 1, (2, 2)), ((2, 3, 2), 2, 1, (2, 1)),
         ((2, 3), 1, 0, ()), ((2, 3), 1, 0, (0,)), ((1, 1), 0, 0, (3,))]


def reads(file, dtype):
    x = lambda *shape: sample(dtype, shape, -9, 9, key="indexing")
    for k, (shape, axis, batch, own) in enumerate(CALLS):
        i = index(own, shape[axis], "gather", np.uint32 if k % 3 == 1 else np.int32)
        case(file, "gather", dtype, [x(*shape), i, {"axis": axis, "batchDims": batch}], lookup(x(*shape), i.astype(np.int64), axis, batch),
             lambda z, j, a=axis, b=batch: torch_lookup(z, j, a, b))
        if batch == 0:
            case(file, "take", dtype, [x(*shape), i, {"axis": axis - len(shape)}], np.take(x(*shape), i.astype(np.int64), axis),
                 lambda z, j, a=axis: torch_lookup(z, j, a, 0))
    flat = index((2, 3), 6, "flat")
    case(file, "take", dtype, [x(2, 3), flat], np.take(x(2, 3), flat), lambda z, j: torch_lookup(z.reshape(-1), j, 0, 0))
    for shape, axis, own in [((4,), 0, (6,)), ((2, 3), 1, (2, 2)), ((2, 3), -2, (1, 3)), ((2, 3, 2), 1, (2, 4, 2)),
                             ((2, 3), 1, (2, 0))]:
        i = index(own, shape[axis], "along")
        args = [x(*shape), i, {"axis": axis}] if axis != len(shape) - 1 else [x(*shape), i]
        case(file, "takeAlongAxis", dtype, args, np.take_along_axis(x(*shape), i.astype(np.int64), axis),
             lambda z, j, a=axis: torch.take_along_dim(z, torch.where(j < 0, j + z.shape[a], j), a))
    for shape, length, own in [((4,), 1, (3,)), ((2, 3), 2, (4,)), ((2, 3), 1, (2,)), ((2, 3, 2), 2, (2, 2)), ((2, 3), 2, (0,))]:
        i = np.stack([index(own, shape[k], f"nd{k}") for k in range(length)], -1)
        case(file, "gatherNd", dtype, [x(*shape), i], x(*shape)[tuple(i[..., k] for k in range(length))],
             lambda z, j, n=length: z[tuple(j[..., k] for k in range(n))])


def put(op, old, new):
    if op == "set":
        return new
    return {"add": np.add, "mul": np.multiply, "min": np.minimum, "max": np.maximum}[op](old, new)


def written(op, x, i, u, axis, batch):
    total = x.astype(np.float64) if x.dtype.kind == "f" else x.copy()
    for place in np.ndindex(*x.shape[:axis]):
        own = i[place[:batch]]
        for k in np.ndindex(*own.shape):
            total[place][own[k]] = put(op, total[place][own[k]], u[place + k])
    return total.astype(x.dtype)


def torch_written(op, x, i, u, axis, batch):
    """Row by row, without writing in place."""
    rows = {}
    for place in np.ndindex(*x.shape[:axis]):
        own = i[place[:batch]]
        list_ = [x[place][k] for k in range(x.shape[axis])]
        for k in np.ndindex(*own.shape):
            j = int(own[k])
            new = u[place + k]
            old = list_[j]
            list_[j] = {"set": lambda: new, "add": lambda: old + new, "mul": lambda: old * new,
                        "min": lambda: torch.minimum(old, new), "max": lambda: torch.maximum(old, new)}[op]()
        rows[place] = torch.stack(list_)
    places = list(np.ndindex(*x.shape[:axis]))
    return torch.stack([rows[p] for p in places]).reshape(x.shape)


def writes(file, dtype):
    x = lambda *shape: sample(dtype, shape, -9, 9, key="written")
    u = lambda *shape: sample(dtype, shape, -9, 9, key="updates")
    for op, accepted in TYPED.items():
        name = "scatter" + op.capitalize()
        if dtype not in accepted:
            continue
        for shape, axis, batch, own in CALLS:
            i = index(own, shape[axis], name)
            picked = shape[:axis] + own[batch:] + shape[axis + 1:]
            args = [x(*shape), i, u(*picked), {"axis": axis, "batchDims": batch}]
            case(file, name, dtype, args, written(op, x(*shape), i, u(*picked), axis, batch),
                 lambda z, j, v, o=op, a=axis, b=batch: torch_written(o, z, j, v, a, b))
        if dtype in FLOATS:
            # Zeros, and a sum that float32 alone would lose.
            zero = np.array([0, 2, 0, 3], DTYPES[dtype])
            case(file, name, dtype, [x(3), np.array([1, 1, 0, 2], np.int32), zero],
                 written(op, x(3), np.array([1, 1, 0, 2]), zero, 0, 0), lambda z, j, v, o=op: torch_written(o, z, j, v, 0, 0))
            far = np.array([1e8, 1, -1e8, 1], DTYPES[dtype])
            file.add(name, dtype, [np.zeros(1, DTYPES[dtype]), np.zeros(4, np.int32), far],
                     written(op, np.zeros(1, DTYPES[dtype]), np.zeros(4, np.int32), far, 0, 0))
            odd = np.array([np.nan, np.inf, -np.inf], DTYPES[dtype])
            file.add(name, dtype, [x(3), np.array([2, 1, 0], np.int32), odd], written(op, x(3), np.array([2, 1, 0]), odd, 0, 0))
    for shape, axis, own in [((4,), 0, (2,)), ((2, 3), 1, (2, 2)), ((2, 3), -2, (1, 3)), ((2, 3, 2), 1, (2, 1, 2)), ((2, 3), 1, (2, 0))]:
        i = index(own, shape[axis], "put")
        out = x(*shape).copy()
        np.put_along_axis(out, i.astype(np.int64), u(*own), axis)
        args = [x(*shape), i, u(*own)] + ([{"axis": axis}] if axis != len(shape) - 1 else [])
        case(file, "putAlongAxis", dtype, args, out, lambda z, j, v, a=axis: put_along(z, j, v, a))
    target = "int32" if dtype == "bool" else dtype
    for shape, rank, segments in [((5,), 1, 3), ((4, 2), 1, 2), ((2, 3, 2), 2, 4), ((3, 0), 1, 2), ((0, 2), 1, 3)]:
        ids = np.abs(index(shape[:rank], segments, "segments")) % segments
        ids = ids.astype(np.int32)
        values = x(*shape)
        out = np.zeros((segments, *shape[rank:]), np.float64 if dtype in FLOATS else DTYPES[target])
        np.add.at(out, ids, values.astype(out.dtype))
        case(file, "segmentSum", dtype, [values, ids, {"numSegments": segments}], out,
             lambda z, j, n=segments, r=rank: torch.zeros(n, *z.shape[r:], dtype=z.dtype).index_put((j,), z, accumulate=True),
             out_dtype=target)


def put_along(z, j, v, axis):
    """Of several for one place the last stays: one after the other along the axis."""
    for k in range(j.shape[axis]):
        at = j.narrow(axis, k, 1)
        at = torch.where(at < 0, at + z.shape[axis], at)
        z = z.scatter(axis, at, v.narrow(axis, k, 1))
    return z


def main():
    file = File("indexing")
    for dtype in DTYPES:
        reads(file, dtype)
        writes(file, dtype)
    file.write()


if __name__ == "__main__":
    main()
