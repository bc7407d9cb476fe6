"""Convolution, pooling, windows, resizing and sampling: values and derivatives by PyTorch; "same" padding, transposed
convolution and resizing also by JAX, sequences and windows also by NumPy."""

import itertools

import jax
import numpy as np
import torch
import torch.nn.functional as F

from common import DTYPES, FLOATS, INTEGERS, NUMERIC, File, agree, array, floating, sample

jax.config.update("jax_enable_x64", True)

CONVS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def per_axis(value, count):
    return [value] * count if isinstance(value, int) else list(value)


def pairs(padding, sizes, window, strides, dilation):
    """Padding before and behind every axis; "same" as TensorFlow and JAX count it."""
    if padding == "valid":
        return [(0, 0)] * len(sizes)
    if padding == "same":
        total = [max(0, (-(-n // s) - 1) * s + (k - 1) * d + 1 - n) for n, k, s, d in zip(sizes, window, strides, dilation)]
        return [(t // 2, t - t // 2) for t in total]
    listed = [padding] * len(sizes) if isinstance(padding, int) else padding
    return [(p, p) if isinstance(p, int) else tuple(p) for p in listed]


def padded(x, around, value=0.0):
    """x [..., spatial] with padding around its last axes."""
    return F.pad(x, [n for pair in reversed(around) for n in pair], value=value)


def first(x, count, last):
    """As [batch, channels, ...spatial], and the leading axes."""
    x = x.movedim(-1, -count - 1) if last else x
    lead = x.shape[: x.dim() - count - 1]
    return x.reshape(-1, *x.shape[len(lead):]), lead


def back(y, lead, last):
    y = y.reshape(*lead, *y.shape[1:])
    return y.movedim(len(lead), -1) if last else y


def conv_fn(count, options):
    last = options.get("dataFormat") != "channelsFirst"
    strides, dilation = (per_axis(options.get(name, 1), count) for name in ("strides", "dilation"))

    def fn(x, w):
        own, lead = first(x, count, last)
        kernel = w.permute(count + 1, count, *range(count)) if last else w
        around = pairs(options.get("padding", "valid"), own.shape[2:], kernel.shape[2:], strides, dilation)
        y = CONVS[count](padded(own, around), kernel, None, strides, 0, dilation, options.get("groups", 1))
        return back(y, lead, last)

    return fn


def transposed_fn(count, options):
    last = options.get("dataFormat") != "channelsFirst"
    strides, dilation = (per_axis(options.get(name, 1), count) for name in ("strides", "dilation"))
    more = per_axis(options.get("outputPadding", 0), count)

    def fn(x, w):
        own, lead = first(x, count, last)
        kernel = w.permute(count + 1, count, *range(count)) if last else w
        spans = [(k - 1) * d + 1 for k, d in zip(kernel.shape[2:], dilation)]
        padding = options.get("padding", "valid")
        if padding == "same":
            total = [span - stride for span, stride in zip(spans, strides)]
            around = [(max(0, t // 2), t - max(0, t // 2)) for t in total]
        else:
            around = pairs(padding, own.shape[2:], spans, strides, dilation)
        y = TRANSPOSED[count](own, kernel, None, strides, 0, 0, options.get("groups", 1), dilation)
        y = padded(y, [(-low, n - high) for (low, high), n in zip(around, more)])
        return back(y, lead, last)

    return fn


def summed(file, op, dtype, x, w, options, fn, terms):
    """A case whose elements are sums of so many products."""
    args = [x, w, *([options] if options else [])]
    tol = None
    if dtype in FLOATS:
        sizes = fn(*(torch.tensor(np.abs(z).astype(np.float64)) for z in (x, w)))
        tol = {"ulp": 1, "sum64": float(sizes.max()) * terms if sizes.numel() else 0.0}
    file.add(op, dtype, args, fn=fn, out_dtype=dtype, tol=tol, gtol={"eps": 16 + terms}, mix=True)


# (op, spatial axes, x, kernel, options)
CONVOLUTIONS = [
    ("conv", 1, (2, 5, 2), (3, 2, 3), {}),
    ("conv", 2, (1, 4, 4, 2), (3, 2, 2, 2), {"padding": "same", "strides": 2}),
    ("conv", 2, (2, 4, 5), (2, 2, 2, 3), {"padding": [1, [0, 2]], "dilation": [1, 2], "dataFormat": "channelsFirst"}),
    ("conv", 1, (5, 4), (2, 2, 2), {"groups": 2}),
    ("conv1d", 1, (1, 6, 2), (3, 2, 2), {"padding": "same"}),
    ("conv1d", 1, (2, 7, 1), (2, 1, 2), {"strides": 2, "dilation": 2}),
    ("conv1d", 1, (2, 2, 5), (4, 1, 3), {"groups": 2, "padding": 1, "dataFormat": "channelsFirst"}),
    ("conv1d", 1, (4, 2), (4, 2, 1), {}),
    ("conv2d", 2, (1, 4, 4, 2), (3, 3, 2, 2), {"padding": "same"}),
    ("conv2d", 2, (2, 5, 4, 1), (2, 3, 1, 2), {"strides": [2, 1], "padding": [[0, 1], 1]}),
    ("conv2d", 2, (1, 4, 4, 4), (2, 2, 2, 2), {"groups": 2, "strides": 2}),
    ("conv2d", 2, (2, 1, 2, 3, 3), (2, 2, 2, 2), {"dataFormat": "channelsFirst", "dilation": 2, "padding": 1}),
    ("conv3d", 3, (1, 3, 3, 3, 1), (2, 2, 2, 1, 2), {}),
    ("conv3d", 3, (1, 2, 3, 3, 2), (2, 3, 2, 2, 1), {"padding": "same", "strides": [1, 2, 2]}),
    ("conv3d", 3, (2, 2, 2, 3), (2, 1, 1, 2, 2), {"groups": 2, "dataFormat": "channelsFirst", "strides": 2}),
    ("conv3d", 3, (1, 3, 2, 2, 1), (2, 1, 1, 1, 2), {"dilation": [2, 1, 1], "padding": [[1, 0], 0, 0]}),
]

DEPTHWISE = [
    (2, (1, 3, 3, 2), (2, 2, 2, 2), {}),
    (2, (1, 4, 3, 2), (3, 3, 2, 1), {"padding": "same", "strides": 2}),
    (1, (2, 5, 3), (2, 3, 2), {"dilation": 2}),
    (2, (2, 3, 3), (2, 1, 2, 2), {"dataFormat": "channelsFirst", "padding": 1}),
]

TRANSPOSES = [
    (1, (2, 3, 2), (3, 3, 2), {"strides": 2}),
    (2, (1, 2, 3, 2), (3, 2, 2, 2), {"strides": 2, "padding": 1, "outputPadding": [1, 0]}),
    (2, (1, 2, 2, 2), (3, 3, 1, 2), {"strides": 2, "padding": "same"}),
    (1, (1, 3, 2), (2, 1, 2), {"strides": 3, "padding": "same"}),
    (1, (2, 4, 3), (4, 1, 3), {"groups": 2, "dilation": 2, "padding": [[1, 0]], "dataFormat": "channelsFirst"}),
    (2, (2, 2, 2, 1), (2, 2, 2, 1), {"padding": "valid", "strides": [1, 2]}),
    (3, (1, 2, 2, 2, 1), (2, 2, 1, 1, 1), {"strides": [2, 1, 1]}),
]


def convolutions(file, dtype):
    x = lambda shape: sample(dtype, shape, -3, 3, key="conv x", digits=2)
    w = lambda shape: sample(dtype, shape, -2, 2, key="conv w", digits=2)
    for op, count, shape, kernel, options in CONVOLUTIONS:
        last = options.get("dataFormat") != "channelsFirst"
        terms = int(np.prod(kernel[:-1] if last else kernel[1:]))
        fn = conv_fn(count, options)
        summed(file, op, dtype, x(shape), w(kernel), options, fn, terms)
        if options.get("padding") == "same" and dtype == "float64":
            lanes = "DHW"[-count:]
            theirs = jax.lax.conv_general_dilated(
                x(shape), w(kernel), per_axis(options.get("strides", 1), count), "SAME",
                dimension_numbers=(f"N{lanes}C", f"{lanes}IO", f"N{lanes}C"))
            assert agree(fn(torch.tensor(x(shape)), torch.tensor(w(kernel))), theirs, 1e-12, 1e-12), (op, shape, options)
    for count, shape, kernel, options in DEPTHWISE:
        last = options.get("dataFormat") != "channelsFirst"
        channels = kernel[-2] if last else kernel[0]
        merged = (lambda z: z.reshape(*z.shape[:-2], 1, -1)) if last else (lambda z: z.reshape(-1, 1, *z.shape[2:]))
        inner = conv_fn(count, {**options, "groups": channels})
        summed(file, "depthwiseConv", dtype, x(shape), w(kernel), options, lambda a, b, f=inner, m=merged: f(a, m(b)), 9)
    for count, shape, kernel, options in TRANSPOSES:
        fn = transposed_fn(count, options)
        summed(file, "convTranspose", dtype, x(shape), w(kernel), options, fn, int(np.prod(kernel)))
        if dtype == "float64" and options.get("dataFormat") is None and options.get("padding") == "same":
            lanes = "DHW"[-count:]
            theirs = jax.lax.conv_transpose(
                x(shape), w(kernel), per_axis(options.get("strides", 1), count), "SAME", transpose_kernel=True,
                dimension_numbers=(f"N{lanes}C", f"{lanes}IO", f"N{lanes}C"))
            ours = fn(torch.tensor(x(shape)), torch.tensor(w(kernel)))
            assert agree(ours, theirs, 1e-12, 1e-12), (shape, options)
    for op, default in [("convolve", "full"), ("correlate", "valid")]:
        calls = [(5, 3, None), (3, 5, "same"), (4, 4, "same"), (6, 2, "valid"), (2, 6, "full"), (5, 2, "same"), (1, 1, "valid")]
        for m, n, mode in calls:
            own, other = x((m,)), w((n,))
            def fn(a, b, op=op, mode=mode or default):
                flipped = b.flip(0) if op == "convolve" else b
                every = F.conv1d(a.reshape(1, 1, -1), flipped.reshape(1, 1, -1), padding=len(b) - 1).reshape(-1)
                short, long = sorted((len(a), len(b)))
                early = op == "convolve" or len(a) >= len(b)
                start = {"full": 0, "valid": short - 1, "same": (short - 1) // 2 if early else short // 2}[mode]
                return every[start : start + {"full": m + n - 1, "valid": long - short + 1, "same": long}[mode]]
            wide = [z.astype(np.float64) for z in (own, other)]
            theirs = getattr(np, op)(*wide, mode or default)
            assert agree(fn(*(torch.tensor(z) for z in wide)), theirs, 1e-12, 1e-12), (op, m, n, mode)
            summed(file, op, dtype, own, other, {"mode": mode} if mode else {}, fn, min(m, n))


def windows_fn(axes, window, strides, dilation, around=None, value=0.0):
    """All windows over axes, whose own axes are the last ones."""
    def fn(x):
        if around is not None:
            full = [(0, 0)] * x.dim()
            for axis, pair in zip(axes, around):
                full[axis] = pair
            x = padded(x, full, value)
        for axis, k, s, d in zip(axes, window, strides, dilation):
            x = x.unfold(axis, (k - 1) * d + 1, s)[..., ::d]
        return x
    return fn


def distinct(dtype, shape, key):
    """Values without ties."""
    count = int(np.prod(shape))
    order = np.random.default_rng(len(key) + count).permutation(count)
    low = 0 if dtype == "uint32" else -(count // 2)
    values = order + low
    if dtype == "bool":
        return sample("bool", shape, key=key)
    return array((values / 4 if dtype in FLOATS else values).reshape(shape), dtype)


# (shape, window, options, spatial axes)
POOLS = [
    ((1, 4, 4, 2), 2, {}, [1, 2]),
    ((2, 5, 1), [3], {"strides": 2, "padding": 1}, [1]),
    ((4, 5, 2), [2, 3], {"strides": [1, 2], "padding": "same"}, [0, 1]),
    ((2, 4, 3), [2, 2], {"dataFormat": "channelsFirst", "strides": 1}, [1, 2]),
    ((1, 6, 1), 2, {"dilation": 2, "strides": 1, "padding": [[1, 0]]}, [1]),
]


def pools(file, dtype):
    own = "int32" if dtype == "bool" else dtype
    mean = floating(dtype)
    for shape, window, options, axes in POOLS:
        sizes = per_axis(window, len(axes))
        strides = per_axis(options.get("strides", sizes), len(axes))
        dilation = per_axis(options.get("dilation", 1), len(axes))
        around = pairs(options.get("padding", "valid"), [shape[a] for a in axes], sizes, strides, dilation)
        inner = tuple(range(-len(axes), 0))
        view = lambda x, value=0.0: windows_fn(axes, sizes, strides, dilation, around, value)(x)
        x = distinct(dtype, shape, "max")
        args = lambda extra={}: [x, window, {**options, **extra}] if {**options, **extra} else [x, window]
        file.add("maxPool", dtype, args(), fn=lambda z: view(z, -np.inf).amax(inner), out_dtype=own, gtol={"eps": 4}, mix=True)
        counts = lambda z: view(torch.ones_like(z)).sum(inner)
        average = lambda z: view(z).sum(inner) / counts(z)
        file.add("averagePool", dtype, args(), fn=average, out_dtype=mean, tol={"eps": 4, "scale": 10}, gtol={"eps": 8}, mix=True)
        if options.get("padding") == 1:
            file.add("averagePool", dtype, args({"countIncludePad": True}), fn=lambda z: view(z).mean(inner), out_dtype=mean,
                     tol={"eps": 4, "scale": 10}, gtol={"eps": 8}, mix=True)
        for order in [None, 3, 1]:
            p = order or 2
            x = sample(dtype, shape, 1, 3, key="lp")
            file.add("lpPool", dtype, args({"ord": order} if order else {}), out_dtype=mean, tol={"eps": 8}, gtol={"eps": 64}, mix=True,
                     fn=lambda z, p=p: safe_norm(view(z), p, inner))
        for reducer in ["sum", "mean", "prod", "max", "min"]:
            x = distinct(dtype, shape, "reduce") if reducer in ("max", "min") else sample(dtype, shape, -2, 2, key=reducer, digits=2)
            keep = {k: v for k, v in options.items() if k != "dataFormat"}
            step = per_axis(options.get("strides", 1), len(axes))
            pad_ = pairs(options.get("padding", "valid"), [shape[a] for a in axes], sizes, step, dilation)
            see = lambda z, value=0.0, step=step, pad_=pad_: windows_fn(axes, sizes, step, dilation, pad_, value)(z)
            product = lambda z: functools_prod(see(z, 1.0), inner)
            by = {"sum": lambda z: see(z).sum(inner), "mean": lambda z: see(z).sum(inner) / see(torch.ones_like(z)).sum(inner),
                  "prod": product, "max": lambda z: see(z, -np.inf).amax(inner), "min": lambda z: see(z, np.inf).amin(inner)}
            if dtype == "uint32" and reducer == "prod" and x.max() > 2:
                continue
            file.add("reduceWindow", dtype, [x, reducer, sizes, {**keep, "axes": axes}], fn=by[reducer],
                     out_dtype=mean if reducer == "mean" else own, tol={"eps": 8, "scale": 10} if dtype in FLOATS or reducer == "mean" else None,
                     gtol={"eps": 16}, mix=True)


def safe_norm(z, p, axes):
    total = (z.abs() ** p).sum(axes)
    return torch.where(total > 0, torch.where(total > 0, total, 1) ** (1 / p), 0)


def functools_prod(z, axes):
    for _ in axes:
        z = z.prod(-1)
    return z


ADAPTIVE = [((1, 4, 6, 1), 2), ((2, 5, 2), [3]), ((5, 4, 1), [3, 2]), ((2, 3, 4), [4, 3]), ((1, 3, 1), 1), ((7, 2), [3])]


def adaptive(file, dtype):
    for shape, size in ADAPTIVE:
        first_ = shape == (2, 3, 4)
        count = len(shape) - 2 if isinstance(size, int) else len(size)
        sizes = per_axis(size, count)
        for op, by, own in [("adaptiveAveragePool", {1: F.adaptive_avg_pool1d, 2: F.adaptive_avg_pool2d}, floating(dtype)),
                            ("adaptiveMaxPool", {1: F.adaptive_max_pool1d, 2: F.adaptive_max_pool2d}, "int32" if dtype == "bool" else dtype)]:
            def fn(z, by=by, sizes=sizes, count=count, first_=first_):
                own_, lead = first(z, count, not first_)
                return back(by[count](own_, sizes), lead, not first_)
            x = distinct(dtype, shape, op)
            file.add(op, dtype, [x, size, *([{"dataFormat": "channelsFirst"}] if first_ else [])], fn=fn, out_dtype=own,
                     tol={"eps": 4, "scale": 10}, gtol={"eps": 8}, mix=True)


SLIDES = [((6,), 3, {}, [0]), ((2, 5), 2, {"strides": 2}, [1]), ((3, 4), [2, 3], {}, [0, 1]),
          ((4, 2, 3), [2, 2], {"axes": [2, 0]}, [2, 0]), ((7,), 2, {"dilation": 3, "axes": 0, "strides": 2}, [0])]

PATCHES = [((1, 3, 4, 2), 2, {}), ((4, 4, 1), [2, 2], {"strides": 2}), ((1, 2, 3, 3), 2, {"dataFormat": "channelsFirst", "padding": 1}),
           ((1, 5, 4, 1), [2, 1], {"dilation": [2, 1], "padding": [[1, 0], 0]}), ((3, 4, 1), [3, 2], {"padding": "same", "strides": [2, 1]})]


def patches(file, dtype):
    for shape, window, options, axes in SLIDES:
        sizes = per_axis(window, len(axes))
        strides, dilation = (per_axis(options.get(name, 1), len(axes)) for name in ("strides", "dilation"))
        x = sample(dtype, shape, -5, 5, key="slide")
        fn = windows_fn(axes, sizes, strides, dilation)
        if not {"strides", "dilation"} & set(options):
            theirs = np.lib.stride_tricks.sliding_window_view(x.astype(np.float64), sizes, axes)
            assert agree(fn(torch.tensor(x.astype(np.float64))), theirs, 0)
        file.add("slidingWindow", dtype, [x, window, *([options] if options else [])], fn=fn, out_dtype=dtype, gtol={"eps": 4}, mix=True)
    for shape, window, options in PATCHES:
        last = options.get("dataFormat") != "channelsFirst"
        sizes = per_axis(window, 2)
        strides, dilation = (per_axis(options.get(name, 1), 2) for name in ("strides", "dilation"))
        spatial = shape[-3:-1] if last else shape[-2:]
        around = pairs(options.get("padding", "valid"), spatial, sizes, strides, dilation)

        def unfolded(z):
            own, lead = first(z, 2, last)
            y = F.unfold(padded(own, around), sizes, dilation, 0, strides)
            if not last:
                return y.reshape(*lead, *y.shape[1:])
            y = y.reshape(y.shape[0], -1, int(np.prod(sizes)), y.shape[-1]).permute(0, 3, 2, 1)
            return y.reshape(*lead, y.shape[1], -1)

        def folded(z):
            lead = z.shape[:-2]
            own = z.reshape(-1, *z.shape[-2:])
            if last:
                own = own.reshape(own.shape[0], own.shape[1], int(np.prod(sizes)), -1).permute(0, 3, 2, 1).reshape(own.shape[0], -1, own.shape[1])
            y = F.fold(own, [n + sum(pair) for n, pair in zip(spatial, around)], sizes, dilation, 0, strides)
            return back(padded(y, [(-low, -high) for low, high in around]), lead, last)

        x = sample(dtype, shape, -5, 5, key="unfold")
        rows = unfolded(torch.tensor(x.astype(np.float64)))
        more = [options] if options else []
        file.add("unfold", dtype, [x, window, *more], fn=unfolded, out_dtype=dtype, gtol={"eps": 4}, mix=True)
        y = sample(dtype, tuple(rows.shape), -5, 5, key="fold", digits=2)
        file.add("fold", dtype, [y, list(spatial), window, *more], fn=folded, out_dtype="int32" if dtype == "bool" else dtype,
                 tol={"eps": 4, "scale": 20} if dtype in FLOATS else None, gtol={"eps": 4}, mix=True)


RESIZES = [((1, 3, 4, 1), [5, 4], {}), ((6, 2), [3], {}), ((5, 3, 2), [3, 5], {"method": "bilinear", "antialias": False}),
           ((4, 1), [7], {"method": "bicubic"}), ((2, 6, 5), [4, 3], {"method": "bicubic", "dataFormat": "channelsFirst"}),
           ((6, 1), [4], {"method": "bicubic", "antialias": False}), ((5, 1), [8], {"method": "lanczos3"}), ((7, 2), [3], {"method": "lanczos3"}),
           ((3, 4, 1), [6, 8], {"method": "nearest"}), ((5, 2), [3], {"method": "nearest"}), ((4, 1), [6], {"method": "nearest"}),
           ((4, 3, 1), [7, 2], {"alignCorners": True}), ((3, 1), [1], {"alignCorners": True}),
           ((4, 1), [6], {"method": "nearest", "alignCorners": True})]

JAX_METHODS = {"bilinear": "linear", "bicubic": "cubic", "lanczos3": "lanczos3", "nearest": "nearest"}


def resize_weights(n, to, options):
    """[to, n]: how much each element counts, by JAX; with aligned corners by the formula."""
    method, antialias = options.get("method", "bilinear"), options.get("antialias", True)
    if not options.get("alignCorners"):
        return np.asarray(jax.image.resize(np.eye(n), (to, n), JAX_METHODS[method], antialias))
    places = np.arange(to) * ((n - 1) / (to - 1) if to > 1 else 0)
    if method == "nearest":
        return np.eye(n)[np.minimum(np.floor(places + 0.5).astype(int), n - 1)]
    scale = max(1.0, (n - 1) / (to - 1)) if antialias and to > 1 else 1.0
    weights = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(n)) / scale)
    return weights / weights.sum(1, keepdims=True)


def by_interpolate(x, sizes, options):
    """PyTorch's own, where it means the same; else None."""
    method, align = options.get("method", "bilinear"), options.get("alignCorners", False)
    smooth = options.get("antialias", True) and method != "nearest"
    if method == "lanczos3" or (method == "bicubic" and not smooth) or (align and (method == "nearest" or smooth)):
        return None
    flat, lead = first(x, len(sizes), options.get("dataFormat") != "channelsFirst")
    if len(sizes) == 1:
        flat, sizes = flat.unsqueeze(-2).contiguous(), [1, *sizes]
    name = "nearest-exact" if method == "nearest" else method
    y = F.interpolate(flat, sizes, mode=name, antialias=smooth) if not align else F.interpolate(flat, sizes, mode=name, align_corners=True)
    y = y.squeeze(-2) if x.dim() - len(lead) == 2 else y
    return back(y, lead, options.get("dataFormat") != "channelsFirst")


def resizes(file, dtype):
    for shape, sizes, options in RESIZES:
        last = options.get("dataFormat") != "channelsFirst"
        count = len(sizes)
        lead = len(shape) - count - 1 + (0 if last else 1)

        def fn(z):
            for i, to in enumerate(sizes):
                n = z.shape[lead + i]
                if n != to:
                    weights = torch.tensor(resize_weights(n, to, options))
                    z = torch.tensordot(z, weights, ([lead + i], [1])).movedim(-1, lead + i)
            return z * 1

        x = sample(dtype, shape, -4, 4, key="resize", digits=2)
        theirs = by_interpolate(torch.tensor(x.astype(np.float64)), sizes, options)
        assert theirs is None or agree(fn(torch.tensor(x.astype(np.float64))), theirs, 1e-6, 1e-6), (shape, sizes, options)
        nearest = options.get("method") == "nearest"
        own = dtype if nearest else floating(dtype)
        file.add("resize", dtype, [x, sizes, *([options] if options else [])], fn=fn, out_dtype=own,
                 tol=None if nearest else {"eps": 8, "scale": 4}, gtol={"eps": 16}, mix=True)


GRIDS = [((1, 3, 4, 2), (1, 2, 3, 2)), ((2, 4, 3, 1), (2, 4, 2)), ((2, 3, 3), (4, 2))]


def grids(file, dtype):
    own = floating(dtype)
    every = itertools.product(["bilinear", "nearest"], ["zeros", "border", "reflection"], [False, True])
    for k, (mode, padding, align) in enumerate(every):
        shape, places = GRIDS[k % 3]
        last = k % 4 != 3
        x = sample(dtype, shape if last or len(shape) == 3 else (shape[0], shape[3], *shape[1:3]), -4, 4, key="grid", digits=2)
        count = 2
        at = sample("float64" if own == "float64" else "float32", places, -1.7, 1.7, key=("at", k), digits=3)
        options = {name: value for name, value, usual in [("mode", mode, "bilinear"), ("paddingMode", padding, "zeros"),
                   ("alignCorners", align, False), ("dataFormat", "channelsLast" if last else "channelsFirst", "channelsLast")] if value != usual}

        def fn(z, g, last=last, mode=mode, padding=padding, align=align):
            flat, lead = first(z, count, last)
            points = g.shape[len(lead):-1]
            y = F.grid_sample(flat, g.reshape(flat.shape[0], -1, 1, 2), mode, padding, align)
            return back(y.reshape(flat.shape[0], flat.shape[1], *points), lead, last)

        file.add("gridSample", dtype, [x, at, *([options] if options else [])], fn=fn, out_dtype=own, second=False,
                 tol={"eps": 64, "scale": 4}, gtol={"eps": 256}, mix=True)
    if dtype not in FLOATS:
        return
    # PyTorch has no second derivative of grid_sample: the formula takes its place.
    for shape, places in [((3, 2), (2, 3, 1)), ((1, 4, 1), (1, 5, 1)), ((5, 1), (3, 1)), ((4, 3), (1,))]:
        x, at = sample(dtype, shape, -4, 4, key="line", digits=2), sample(dtype, places, -0.9, 0.9, key="line at", digits=3)

        def line(z, g):
            flat = z.reshape(-1, z.shape[-1])
            place = ((g + 1) / 2 * flat.shape[0] - 0.5).reshape(-1)
            below = place.detach().floor()
            take = lambda i: torch.where(((i >= 0) & (i < flat.shape[0]))[:, None], flat[i.long().clamp(0, flat.shape[0] - 1)], 0)
            share = (place - below)[:, None]
            return (take(below) * (1 - share) + take(below + 1) * share).reshape(*g.shape[:-1], z.shape[-1])

        file.add("gridSample", dtype, [x, at], fn=line, out_dtype=own, tol={"eps": 64, "scale": 4}, gtol={"eps": 256}, mix=True)


def main():
    file = File("convolution")
    for dtype in DTYPES:
        if dtype in NUMERIC:
            convolutions(file, dtype)
        patches(file, dtype)
    file.write()
    file = File("pooling")
    for dtype in DTYPES:
        pools(file, dtype)
        adaptive(file, dtype)
    file.write()
    file = File("images")
    for dtype in DTYPES:
        resizes(file, dtype)
        grids(file, dtype)
    file.write()


if __name__ == "__main__":
    main()
