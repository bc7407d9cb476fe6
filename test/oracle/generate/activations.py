"""Activations: values by mpmath with 60 digits, derivatives of the smooth ones by mpmath too, all checked against PyTorch.

PyTorch's own softplus is x from 20 on, and its gelu, mish and log-sigmoid lose digits in their tails: there its values
agree only to the size of x.
"""

import mpmath as mp
import numpy as np
import torch
import torch.nn.functional as F

from common import DTYPES, FLOATS, File, array, floating, rounded, sample

SELU_ALPHA, SELU_SCALE = mp.mpf("1.6732632423543772848170429916717"), mp.mpf("1.0507009873554804934193349852946")


def sigmoid(x):
    if abs(x) > 1e6:
        return mp.mpf(x > 0)
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    if abs(x) > 1e6:
        return max(x, mp.mpf(0))
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def elu(x, alpha=1):
    return x if x > 0 else alpha * mp.expm1(max(x, -1e6))


def celu(x, alpha=1):
    return x if x > 0 else alpha * mp.expm1(max(x, -1e6) / alpha)


def gelu(x):
    if abs(x) > 1e6:
        return max(x, mp.mpf(0))
    return x / 2 * mp.erfc(-x / mp.sqrt(2))


def gelu_tanh(x):
    if abs(x) > 1e6:
        return max(x, mp.mpf(0))
    return x * sigmoid(2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3))


def clamp(x, low, high):
    return min(max(x, mp.mpf(low)), mp.mpf(high))


TANH = {"approximate": "tanh"}
# name, options, exactly, in PyTorch, whether it is smooth, tolerance in eps for ordinary and for wide arguments
LINES = [
    ("leakyRelu", {}, lambda x: x if x > 0 else x / 100, lambda z: F.leaky_relu(z, 0.01), False, 1, 1),
    ("leakyRelu", {"negativeSlope": 0.3}, lambda x: x if x > 0 else x * mp.mpf("0.3"),
     lambda z: F.leaky_relu(z, 0.3), False, 1, 1),
    ("elu", {}, elu, F.elu, False, 2, 2),
    ("elu", {"alpha": 1.5}, lambda x: elu(x, 1.5), lambda z: F.elu(z, 1.5), False, 2, 2),
    ("celu", {}, celu, F.celu, False, 2, 2),
    ("celu", {"alpha": 2}, lambda x: celu(x, 2), lambda z: F.celu(z, 2), False, 2, 2),
    ("selu", {}, lambda x: SELU_SCALE * elu(x, SELU_ALPHA), F.selu, False, 4, 4),
    ("gelu", {}, gelu, F.gelu, True, 16, 512),
    ("gelu", TANH, gelu_tanh, lambda z: F.gelu(z, approximate="tanh"), True, 24, 256),
    ("gelu", {"approximate": True}, gelu_tanh, lambda z: F.gelu(z, approximate="tanh"), True, 24, 256),
    ("silu", {}, lambda x: x * sigmoid(x), F.silu, True, 4, 8),
    ("softplus", {}, softplus, lambda z: torch.logaddexp(z, torch.zeros_like(z)), True, 4, 4),
    ("logSigmoid", {}, lambda x: -softplus(-x), F.logsigmoid, True, 4, 4),
    ("mish", {}, lambda x: x * mp.tanh(softplus(x)), F.mish, True, 8, 8),
    ("softsign", {}, lambda x: x / (1 + abs(x)), F.softsign, False, 2, 2),
    ("hardtanh", {}, lambda x: clamp(x, -1, 1), F.hardtanh, False, 0, 0),
    ("hardtanh", {"low": -0.5, "high": 2}, lambda x: clamp(x, -0.5, 2), lambda z: F.hardtanh(z, -0.5, 2), False, 0, 0),
    ("relu6", {}, lambda x: clamp(x, 0, 6), F.relu6, False, 0, 0),
    ("hardSigmoid", {}, lambda x: clamp(x + 3, 0, 6) / 6, lambda z: F.relu6(z + 3) / 6, False, 4, 4),
    ("hardSwish", {}, lambda x: x * clamp(x + 3, 0, 6) / 6, lambda z: z * F.relu6(z + 3) / 6, False, 8, 8),
]
ZERO_CROSSING = ("hardSigmoid", "hardSwish")
WIDE = [-700, -100, -30, -12, -8, -5.5, -1e-3, -1e-10, 1e-10, 1e-3, 5.5, 8, 20, 30, 100, 700, 1e4, -1e4]
EXTREME = {"float32": [1e20, -1e20, 3e38, -3e38, 1e-30, -1e-38], "float64": [1e20, -1e160, 1e160, 1e300, -1e300, -1e-300]}


def values(exact, x):
    return np.array([rounded(exact(mp.mpf(float(v)))) for v in np.ravel(x)], np.float64).reshape(np.shape(x))


def known(exact, x):
    def grads(ct, directions):
        at = [mp.mpf(float(v)) for v in np.ravel(x)]
        first = np.array([rounded(mp.diff(exact, v, 1)) for v in at], np.float64).reshape(np.shape(x))
        second = np.array([rounded(mp.diff(exact, v, 2)) for v in at], np.float64).reshape(np.shape(x))
        return [ct * first], [ct * second * directions[0]]

    return grads


def one(file, dtype, line, x, *, wide=False, note=None):
    name, options, exact, fn, smooth, ordinary, broad = line
    args = [x, options] if options else [x]
    eps = broad if wide else ordinary
    tol = {"eps": eps, "scale": 1} if name in ZERO_CROSSING else {"eps": eps, "scale": 1e-36} if eps > 0 else None
    kind = floating(dtype)
    as_float = x.astype(DTYPES[kind])
    out = values(exact, as_float).astype(DTYPES[kind])
    if dtype not in FLOATS:
        file.add(name, dtype, args, out, tol=tol)
        return
    file.add(name, dtype, args, out, fn=None if smooth and wide else fn, tol=tol, gtol={"eps": 48}, mix=True, note=note,
             check=1e-6, grads=known(exact, as_float) if smooth else None)


def elementwise(file):
    for line in LINES:
        for dtype in DTYPES:
            for shape in [(2, 3), (5,), (1, 1), (), (0, 3)]:
                x = sample(dtype, shape, -3, 3, key=line[0])
                one(file, dtype, line, np.where(x == 0, DTYPES[dtype](1), x) if dtype in FLOATS else x)
        for dtype in FLOATS:
            one(file, dtype, line, array(WIDE, dtype), wide=True, note="tails")
            extreme = array(EXTREME[dtype], dtype)
            name, options, exact, fn, _, _, broad = line
            file.add(name, dtype, [extreme, options] if options else [extreme], values(exact, extreme),
                     out_dtype=dtype, tol={"eps": broad, "scale": 1e-36} if broad else None, note="extremes")


def of_two(file):
    plus = lambda z, s: torch.where(z <= 0, z * s, z)
    for dtype in DTYPES:
        kind = floating(dtype)
        for shape, slope_shape in [((2, 3), ()), ((2, 3), (3,)), ((4,), (4,)), ((2, 1), (1, 3)), ((0, 2), (2,))]:
            x, slope = sample(dtype, shape, -3, 3, key="prelu"), sample(dtype, slope_shape, 0, 1, key="slope")
            wide, factor = x.astype(DTYPES[kind]), slope.astype(DTYPES[kind])
            file.add("prelu", dtype, [x, slope], np.where(wide <= 0, wide * factor, wide), fn=plus, tol={"eps": 1},
                     gtol={"eps": 8}, mix=True)
        for shape, axis in [((2, 4), None), ((4, 3), 0), ((2, 2, 2), -2), ((6,), None), ((2, 0), None)]:
            x = sample(dtype, shape, -3, 3, key="glu").astype(DTYPES[dtype])
            a, b = np.split(x.astype(DTYPES[kind]).astype(np.float64), 2, -1 if axis is None else axis)
            out = (a / (1 + np.exp(-b))).astype(DTYPES[kind])
            fn = lambda z, d=-1 if axis is None else axis: F.glu(z, d) if z.numel() else z[..., :0]
            file.add("glu", dtype, [x] if axis is None else [x, axis], out, fn=fn, tol={"eps": 8}, gtol={"eps": 24},
                     mix=True)


def main():
    file = File("activations")
    elementwise(file)
    of_two(file)
    file.write()


if __name__ == "__main__":
    main()
