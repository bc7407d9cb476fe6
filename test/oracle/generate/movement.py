"""What moves elements about: values by NumPy, derivatives (exact: nothing is rounded but sums) by PyTorch."""

import numpy as np
import torch

from common import DTYPES, FLOATS, File, array, promote, sample


def case(file, op, dtype, args, out, fn, note=None):
    file.add(op, dtype, args, out, out_dtype=dtype, fn=fn if dtype in FLOATS else None, gtol={"eps": 4}, mix=True,
             note=note)


def shapes_changed(file, dtype):
    x = lambda *shape: sample(dtype, shape, -9, 9, key="movement")
    for shape, to in [((2, 3), (3, 2)), ((4,), (2, -1)), ((), (1, 1)), ((0, 3), (3, 0)), ((2, 3, 2), (-1,)), ((1,), ())]:
        case(file, "reshape", dtype, [x(*shape), list(to)], x(*shape).reshape(to), lambda z, to=to: z.reshape(to))
    for shape, axes in [((2, 3), None), ((2, 3, 4), (1, 0, 2)), ((2, 3, 4), (-1, 0, -2)), ((), None), ((0, 2), (1, 0)),
                        ((2, 1, 2, 3), (3, 1, 0, 2))]:
        order = axes if axes is not None else tuple(range(len(shape)))[::-1]
        positive = tuple(axis % max(len(shape), 1) for axis in order)
        args = [x(*shape)] + ([list(axes)] if axes is not None else [])
        case(file, "transpose", dtype, args, np.array(np.transpose(x(*shape), axes)),
             lambda z, p=positive: z.permute(p))
    for shape, to in [((3,), (2, 3)), ((2, 1), (2, 4)), ((), (2, 2)), ((1, 3), (0, 3)), ((1, 1), (2, 3, 4)), ((2,), (2,))]:
        case(file, "broadcastTo", dtype, [x(*shape), list(to)], np.broadcast_to(x(*shape), to).copy(),
             lambda z, to=to: z.expand(to))
    for shape, axes in [((1, 3, 1), None), ((1, 3, 1), 0), ((1, 3, 1), -1), ((1, 3, 1), [0, -1]), ((1, 0), [0]), ((2, 3), None)]:
        out = np.squeeze(x(*shape), tuple(axes) if isinstance(axes, list) else axes)
        args = [x(*shape)] + ([axes] if axes is not None else [])
        case(file, "squeeze", dtype, args, out, lambda z, to=out.shape: z.reshape(to))
    for shape, axis in [((3,), 0), ((3,), -1), ((2, 3), 1), ((2, 3), -3), ((), 0), ((0, 2), 2)]:
        case(file, "expandDims", dtype, [x(*shape), axis], np.expand_dims(x(*shape), axis),
             lambda z, a=axis: z.unsqueeze(a))


def boxes(file, dtype):
    x = lambda *shape: sample(dtype, shape, -9, 9, key="boxes")
    slices = [
        ((5,), [1, 4], (slice(1, 4),)),
        ((5,), [-3], (slice(-3, None),)),
        ((5,), [0, -1, {"step": 2}], (slice(0, -1, 2),)),
        ((3, 4), [[1, None], [None, 3]], (slice(1, None), slice(None, 3))),
        ((3, 4), [[0, 1], [3, 4], {"step": [2, 3]}], (slice(0, 3, 2), slice(1, 4, 3))),
        ((3, 4), [[2], [9]], (slice(2, 9),)),
        ((3, 4), [[2], [1]], (slice(2, 1),)),
        ((2, 3, 2), [[0, -2], [2, -1]], (slice(0, 2), slice(-2, -1))),
        ((0, 3), [[0, 1]], (slice(0, None), slice(1, None))),
    ]
    for shape, args, index in slices:
        case(file, "slice", dtype, [x(*shape), *args], x(*shape)[index].copy(), lambda z, i=index: z[i])
    for shape, widths, value in [((3,), [(1, 2)], 0), ((2, 3), [(0, 1), (2, 0)], 0), ((2, 2), [(1, 1), (0, 0)], 5),
                                 ((4,), [(-1, -2)], 0), ((2, 3), [(1, -1), (-1, 2)], 3), ((), [], 0), ((0, 2), [(1, 1), (0, 0)], 1)]:
        if dtype == "bool":
            value = min(value, 1)
        out = padded(x(*shape), widths, value)
        flat = [n for pair in reversed(widths) for n in pair]
        args = [x(*shape), [list(pair) for pair in widths]] + ([{"value": value}] if value else [])
        fn = lambda z, f=flat, v=value: torch.nn.functional.pad(z, f, value=v) if f else z
        case(file, "pad", dtype, args, out, fn)
    for shape, axes in [((4,), None), ((2, 3), 0), ((2, 3), -1), ((2, 3, 2), [0, 2]), ((2, 3), None), ((), None), ((0, 2), 1)]:
        numpy_axes = tuple(axes) if isinstance(axes, list) else axes
        args = [x(*shape)] + ([axes] if axes is not None else [])
        every = list(range(len(shape))) if axes is None else axes if isinstance(axes, list) else [axes]
        case(file, "flip", dtype, args, np.array(np.flip(x(*shape), numpy_axes)),
             lambda z, a=every: torch.flip(z, a))


def padded(x, widths, value):
    out = np.pad(x, [tuple(max(n, 0) for n in pair) for pair in widths], constant_values=value) if widths else x
    cut = tuple(slice(-min(a, 0), size + min(b, 0)) for (a, b), size in zip(widths, out.shape))
    return np.array(out[cut])


def joined(file, dtype):
    x = lambda i, shape: sample(dtype, shape, -9, 9, key=("joined", i))
    for shapes, axis in [([(2,), (3,)], None), ([(2, 3), (1, 3), (2, 3)], 0), ([(2, 1), (2, 2)], -1), ([(0, 2), (3, 2)], 0),
                         ([(2, 2)], 1), ([(1, 2, 2), (1, 1, 2)], 1)]:
        xs = [x(i, shape) for i, shape in enumerate(shapes)]
        args = [xs] + ([axis] if axis is not None else [])
        case(file, "concat", dtype, args, np.concatenate(xs, axis or 0), lambda *zs, a=axis or 0: torch.cat(zs, a))
    for shape, count, axis in [((3,), 2, None), ((2, 3), 3, 1), ((2, 3), 2, -1), ((), 3, 0), ((0, 2), 2, 0), ((1,), 1, 1)]:
        xs = [x(i, shape) for i in range(count)]
        args = [xs] + ([axis] if axis is not None else [])
        case(file, "stack", dtype, args, np.stack(xs, axis or 0), lambda *zs, a=axis or 0: torch.stack(zs, a))
    for other in DTYPES:
        if other == dtype:
            continue
        pair = [sample(dtype, (2,), -9, 9, key="p"), sample(other, (2,), -9, 9, key="q")]
        common = promote(dtype, other)
        own = [z.astype(DTYPES[common]) for z in pair]
        for op, value, fn in [("concat", np.concatenate, torch.cat), ("stack", np.stack, torch.stack)]:
            file.add(op, dtype, [pair], value(own), out_dtype=common, note="promotion",
                     fn=(lambda *zs, f=fn: f(zs)) if common in FLOATS else None)


def special(file, dtype):
    """Nothing happens to NaN, infinities and negative zeros on the way."""
    x = array([[np.nan, np.inf, -0.0], [-np.inf, 0.0, 1e-40]], dtype)
    file.add("transpose", dtype, [x], x.T.copy())
    file.add("flip", dtype, [x], np.flip(x).copy())
    file.add("pad", dtype, [x, [[0, 1], [1, 0]], {"value": float("nan")}],
             np.pad(x, [(0, 1), (1, 0)], constant_values=np.nan))
    file.add("concat", dtype, [[x, x], 1], np.concatenate([x, x], 1))


def main():
    file = File("movement")
    for dtype in DTYPES:
        shapes_changed(file, dtype)
        boxes(file, dtype)
        joined(file, dtype)
        if dtype in FLOATS:
            special(file, dtype)
    file.write()


if __name__ == "__main__":
    main()
