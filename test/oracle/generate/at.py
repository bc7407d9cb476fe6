"""Elements as brackets name them, read and changed: values by NumPy, derivatives by PyTorch.

Calls are `at(x, indices, what, values)`; the adapter in support/operations.ts makes `x.at(...indices)[what](values)` of them. A
range is written as {"range": [start, stop, step]}.
"""

import numpy as np
import torch

from common import DTYPES, FLOATS, File, sample

I = lambda *values: np.array(values, np.int32)
M = lambda *values: np.array(values, bool)
S = slice
E = "..."

# shape, indices
CALLS = [
    ((4,), [2]),
    ((4,), [-1, None]),
    ((3, 4), [S(None, None, -1), S(1, None, 2)]),
    ((3, 4), [E, 1]),
    ((2, 3, 4), [1, None, E, S(-3, -1, 1)]),
    ((5,), [S(7, -9, -2)]),
    ((3, 4), [S(2, 1, 1)]),
    ((3, 4), [I(2, 0, -1)]),
    ((3, 4), [I(0, 2, 2), I(1, -1, 1)]),
    ((3, 4), [I(0, 2).reshape(2, 1), I(1, -1, 3)]),
    ((2, 3, 4), [S(None, None, 1), I(1, 0), I(2, 2)]),
    ((2, 3, 4), [1, S(None, None, 2), I(3, 0, 0)]),
    ((2, 3, 4), [I(1, 0), None, S(1, None, 1), I(3, 3)]),
    ((3, 2, 2), [M(True, False, True)]),
    ((2, 3, 2), [S(None, None, 1), np.array([[1, 0], [0, 1], [1, 1]], bool)]),
    ((2, 3), [1, M(False, True, True)]),
    ((2, 3), [M(False, False)]),
    ((), [None]),
]


def written(indices):
    return [{"range": [i.start, i.stop, i.step or 1]} if isinstance(i, slice) else i for i in indices]


def for_numpy(indices):
    return tuple(Ellipsis if isinstance(i, str) else i for i in indices)


def places(shape, indices):
    """For each element that is named, its place in row-major order: what PyTorch differentiates is one lookup."""
    return np.arange(int(np.prod(shape))).reshape(shape)[for_numpy(indices)]


def changed(what, x, v, at):
    """One value after the other, as they stand."""
    flat = list(torch.unbind(x.reshape(-1)))
    change = {
        "set": lambda _, new: new,
        "add": torch.add,
        "mul": torch.mul,
        "min": torch.minimum,
        "max": torch.maximum,
    }[what]
    for k, place in enumerate(at.reshape(-1)):
        flat[place] = change(flat[place], torch.broadcast_to(v, at.shape).reshape(-1)[k])
    return torch.stack(flat).reshape(x.shape)


def by_numpy(what, x, v, indices):
    out = x.astype(np.float64) if x.dtype.kind == "f" else x.copy()
    own = for_numpy(indices)
    if what == "set":
        out[own] = v
    else:
        ufunc = {"add": np.add, "mul": np.multiply, "min": np.minimum, "max": np.maximum}[what]
        ufunc.at(out, own, np.broadcast_to(v, x[own].shape).astype(out.dtype))
    return out.astype(x.dtype)


def main():
    file = File("at")
    for dtype in DTYPES:
        for k, (shape, indices) in enumerate(CALLS):
            x = sample(dtype, shape, -9, 9, key=("at", k))
            at = places(shape, indices)
            file.add("at", dtype, [x, written(indices), "get"], x[for_numpy(indices)], out_dtype=dtype,
                     fn=lambda z, *_, at=at: z.reshape(-1)[torch.tensor(np.array(at))], gtol={"eps": 8}, mix=True)
            for n, what in enumerate(["set", "add", "mul", "min", "max"]):
                # Each call with some of them.
                if (k + n) % 3 or dtype == "bool" and what in ("add", "mul"):
                    continue
                # Values of a whole, and of one that broadcasts.
                own = at.shape if (k + n) % 2 else at.shape[1:]
                v = sample(dtype, own, -9, 9, key=("values", k))
                file.add("at", dtype, [x, written(indices), what, v], by_numpy(what, x, v, indices), out_dtype=dtype,
                         fn=lambda z, *more, at=at, w=what: changed(w, z, more[-1], at) if z.numel() else z * 1,
                         gtol={"eps": 16}, mix=True)
    file.write()


if __name__ == "__main__":
    main()
