"""What makes tensors of numbers: values by NumPy."""

import numpy as np

from common import DTYPES, FLOATS, INTEGERS, File, array, inf, nan, sample


def made(file, op, dtype, args, out, note=None):
    file.add(op, dtype, args, np.asarray(out).astype(DTYPES[dtype]), out_dtype=dtype, note=note)


def constants(file, dtype):
    numbers = {"bool": [0, 1, 1], "int32": [-7, 2, 0], "uint32": [7, 0, 4294967295], "float32": [-2.5, nan, -0.0],
               "float64": [0.1, -inf, -0.0]}[dtype]
    for shape, number in zip([[2, 3], [], [0, 2]], numbers):
        made(file, "full", dtype, [shape, number, {"dtype": dtype}], np.full(shape, number, DTYPES[dtype]))
    made(file, "full", dtype, [[2], 3, {"dtype": dtype}], np.full([2], 3, DTYPES[dtype]))
    if dtype in INTEGERS:
        made(file, "full", dtype, [[2], 1.7, {"dtype": dtype}], np.full([2], 1.7).astype(DTYPES[dtype]), "toward zero")
    for shape in [[2, 3], [], [0, 2], [1, 1, 2]]:
        options = [] if dtype == "float32" and shape == [2, 3] else [{"dtype": dtype}]
        made(file, "zeros", dtype, [shape, *options], np.zeros(shape))
        made(file, "ones", dtype, [shape, *options], np.ones(shape))
        x = sample(dtype, shape, -9, 9, key="like")
        made(file, "zerosLike", dtype, [x], np.zeros(shape))
        made(file, "onesLike", dtype, [x], np.ones(shape))


def ranges(file, dtype):
    if dtype == "bool":
        return
    kw = {"dtype": dtype}
    low = 0 if dtype == "uint32" else -4
    calls = [(0, 5, 1), (2, 9, 3), (low, 3, 1), (5, 5, 1), (7, 0, -2)]
    if dtype in FLOATS:
        calls += [(0, 1, 0.25), (1, -1, -0.5), (0.5, 3, 1)]
    for start, stop, step in calls:
        if dtype == "uint32" and step < 0:
            continue
        made(file, "arange", dtype, [start, stop, step, kw], np.arange(start, stop, step))
    if dtype == "int32":
        made(file, "arange", dtype, [5], np.arange(5), "int32 for whole numbers")
        made(file, "arange", dtype, [2, 6], np.arange(2, 6))
    if dtype == "float32":
        made(file, "arange", dtype, [0, 2, 0.5], np.arange(0, 2, 0.5), "float32 for fractions")


def matrices(file, dtype):
    for rows, columns in [(3, 3), (2, 4), (1, 1), (0, 2), (4, 2)]:
        args = [rows, columns, {"dtype": dtype}]
        made(file, "eye", dtype, args, np.eye(rows, columns))
    for source in INTEGERS:
        for shape, depth in [((3,), 4), ((), 3), ((2, 2), 3), ((0,), 2), ((2, 1), 1)]:
            x = sample(source, shape, 0, depth - 1, key=("oneHot", depth))
            out = (x[..., None] == np.arange(depth)).astype(DTYPES[dtype])
            file.add("oneHot", source, [x, depth, {"dtype": dtype}], out)
    x = array([-1, 0, 3, 2], "int32")
    file.add("oneHot", "int32", [x, 3, {"dtype": dtype}], (x[:, None] == np.arange(3)).astype(DTYPES[dtype]),
             note="an index out of range gives zeros")


def given(file, dtype):
    """tensor(): nested arrays, numbers and other dtypes' values."""
    kw = {"dtype": dtype}
    values = {
        "bool": [[0, 1], [2.5, 0]],
        "int32": [[0, -1], [2.9, -2.9]],
        "uint32": [[0, 1], [2.9, 4294967295]],
        "float32": [[0.1, -1], [1e300, 16777217]],
        "float64": [[0.1, -1], [1e300, 16777217]],
    }[dtype]
    made(file, "tensor", dtype, [values, kw], np.array(values).astype(DTYPES[dtype]))
    made(file, "tensor", dtype, [1, kw], np.array(1))
    made(file, "tensor", dtype, [[[[1], [0]]], kw], np.array([[[1], [0]]]))
    made(file, "tensor", dtype, [[], kw], np.array([]))
    made(file, "tensor", dtype, [[1, 0, 1, 1], {**kw, "shape": [2, 2]}], np.array([[1, 0], [1, 1]]))
    if dtype == "float32":
        made(file, "tensor", dtype, [[[1, 2], [3, 4.5]]], np.array([[1, 2], [3, 4.5]]), "numbers are float32")
    if dtype == "bool":
        made(file, "tensor", dtype, [[True, False]], np.array([True, False]), "booleans are bool")


def main():
    file = File("creation")
    for dtype in DTYPES:
        for part in (constants, ranges, matrices, given):
            part(file, dtype)
    file.write()


if __name__ == "__main__":
    main()
