"""Sorting: NumPy's stable sort, which puts NaN last; gradients of PyTorch's."""

import numpy as np
import torch

from common import DTYPES, File, FLOATS, array, inf, nan, sample

SHAPES = [((7,), -1), ((3, 5), -1), ((4, 3), 0), ((2, 6, 3), 1), ((40,), 0), ((0,), 0), ((3, 0), 1), ((0, 3), -1), ((1,), 0)]


def order(x, axis, descending):
    """Descending order from the stable ascending one: of the negative numbers, NaN last all the same."""
    if not descending:
        return np.argsort(x, axis=axis, kind="stable").astype(np.int32)
    if x.dtype.kind == "f":
        return np.argsort(-x, axis=axis, kind="stable").astype(np.int32)
    return np.argsort(-x.astype(np.int64), axis=axis, kind="stable").astype(np.int32)


def inputs(dtype):
    for i, (shape, axis) in enumerate(SHAPES):
        # Few digits: ties.
        yield sample(dtype, shape, -3, 9, ("sort", i), digits=0 if i % 2 else 4), axis
    if dtype in FLOATS:
        tiny = float(np.finfo(DTYPES[dtype]).smallest_subnormal)
        yield array([0.0, -0.0, nan, inf, -inf, 1, -0.0, 0.0, -nan, tiny, -tiny, inf, 1, -inf], dtype), -1
        yield array([[nan, nan, 1], [nan, -inf, nan]], dtype), 0
    if dtype in ("int32", "uint32"):
        info = np.iinfo(DTYPES[dtype])
        yield array([info.max, info.min, 0, info.max, info.min, 255, 256, 65535, 65536, 1], dtype), 0


def ordered(axis, descending):
    """PyTorch's stable sort; descending of the negative numbers, so that NaN is last."""
    sign = -1 if descending else 1
    return lambda z: sign * torch.sort(sign * z, dim=axis, stable=True).values


def main():
    file = File("sorting")
    for dtype in DTYPES:
        for x, axis in inputs(dtype):
            for descending in (False, True):
                options = {"axis": axis, **({"descending": True} if descending else {})}
                file.add("argsort", dtype, [x, options], order(x, axis, descending), out_dtype="int32")
    for dtype in DTYPES:
        for x, axis in inputs(dtype):
            for descending in (False, True):
                options = {"axis": axis, **({"descending": True} if descending else {})}
                value = np.take_along_axis(x, order(x, axis, descending).astype(np.int64), axis)
                file.add("sort", dtype, [x, options], value, out_dtype=dtype, fn=ordered(axis, descending))
    file.write()


if __name__ == "__main__":
    main()
