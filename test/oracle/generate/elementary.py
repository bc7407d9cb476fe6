"""The elementary functions: values and both derivatives by mpmath with 60 digits, checked against PyTorch.

Expected values are the exact ones rounded once. Arguments are what Cotangent computes with: bool and integers become
float32 first.
"""

import mpmath as mp
import numpy as np
import torch

from common import DTYPES, FLOATS, File, array, floating, inf, nan, rounded, sample

sp = torch.special


def erfinv(x):
    """mpmath's own loses digits near 1: Newton's method on whichever of erf and erfc does not cancel."""
    y = abs(mp.mpf(x))
    if y > 1:
        return mp.nan
    if y == 0:
        return mp.mpf(0)
    with mp.workdps(120):
        t = mp.erfinv(y) if y < 0.9 else mp.sqrt(-mp.log((1 - y) * mp.sqrt(mp.pi)))
        for _ in range(60):
            error = mp.erf(t) - y if y < 0.5 else (1 - y) - mp.erfc(t)
            step = error * mp.exp(t * t) * mp.sqrt(mp.pi) / 2
            t -= step / (1 + t * step)
            if abs(step) < abs(t) * mp.mpf(10) ** -90:
                break
        return t if x > 0 else -t


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def cbrt(x):
    return mp.sign(x) * mp.cbrt(abs(x))


def derivatives_of_erfinv(x):
    """mpmath's numerical differentiation would evaluate it beyond 1."""
    t = erfinv(x)
    first = mp.sqrt(mp.pi) / 2 * mp.exp(t * t)
    return first, 2 * t * first * first


class Function:
    def __init__(self, exact, torch_fn, points, sweep, edges, special, derivatives=None):
        self.exact, self.torch, self.points, self.sweep = exact, torch_fn, points, sweep
        self.edges, self.special, self.derivatives = edges, special, derivatives

    def first_and_second(self, x):
        x = mp.mpf(float(x))
        if self.derivatives is not None:
            return self.derivatives(x)
        return mp.diff(self.exact, x, 1), mp.diff(self.exact, x, 2)


def spread(low, high, count=60):
    """Evenly, and more densely in size towards 0."""
    even = np.linspace(low, high, count)
    small = [s * 10.0**e for e in np.linspace(-8, np.log10(max(abs(low), abs(high))), count // 2) for s in (-1, 1)]
    return np.array([x for x in [*even, *small] if low <= x <= high])


LARGE = [1e5, 1e22, 1e300, -1e300, 1e-300, 5e-324, -5e-324, 2.0**-1022]
WAVES = [1e5, -1e5, 1e9, 1e15, 1e22, 1.5707963267948966, 3.141592653589793, 6.283185307179586, 1e-300, 1e-20]

# Special values: what IEEE 754 and C say, (x, f(x)).
EXP = [(nan, nan), (inf, inf), (-inf, 0.0), (-0.0, 1.0), (0.0, 1.0)]
ODD = [(nan, nan), (-0.0, -0.0), (0.0, 0.0)]

FUNCTIONS = {
    "exp": Function(mp.exp, torch.exp, (-3, 3), (-80, 80), [700, -700, 709.78, 710, -745, -746, 1e-300], EXP),
    "log": Function(
        mp.log, torch.log, (0.1, 6), (1e-8, 90), [1e300, 1e-300, 5e-324, 0.9999999, 1.0000001, 1.0],
        [(nan, nan), (inf, inf), (0.0, -inf), (-0.0, -inf), (-1.0, nan), (-inf, nan)],
    ),
    "expm1": Function(
        mp.expm1, torch.expm1, (-3, 3), (-40, 40), [1e-300, -1e-20, 1e-10, 700, -700, 710],
        [*ODD, (inf, inf), (-inf, -1.0)],
    ),
    "log1p": Function(
        mp.log1p, torch.log1p, (-0.8, 5), (-0.99, 40), [1e-300, -1e-20, 1e-10, 1e300, -0.999999],
        [*ODD, (inf, inf), (-1.0, -inf), (-2.0, nan), (-inf, nan)],
    ),
    "exp2": Function(
        lambda x: mp.power(2, x), torch.exp2, (-3, 3), (-80, 80), [1023.5, 1024, -1022, -1074, -1075.5, 1e-300], EXP
    ),
    "log2": Function(
        lambda x: mp.log(x) / mp.log(2), torch.log2, (0.1, 6), (1e-8, 90),
        [1e300, 1e-300, 5e-324, 8, 0.125, 0.9999999, 1.0000001],
        [(nan, nan), (inf, inf), (1.0, 0.0), (0.0, -inf), (-0.0, -inf), (-1.0, nan)],
    ),
    "sin": Function(mp.sin, torch.sin, (-3, 3), (-20, 20), WAVES, [*ODD, (inf, nan), (-inf, nan)]),
    "cos": Function(mp.cos, torch.cos, (-3, 3), (-20, 20), WAVES, [(nan, nan), (inf, nan), (-inf, nan), (-0.0, 1.0)]),
    "tan": Function(mp.tan, torch.tan, (-1.2, 1.2), (-20, 20), WAVES, [*ODD, (inf, nan), (-inf, nan)]),
    "asin": Function(
        mp.asin, torch.asin, (-0.9, 0.9), (-1, 1), [1, -1, 0.9999999, 1e-300, -1e-10],
        [*ODD, (1.5, nan), (-1.5, nan), (inf, nan)],
    ),
    "acos": Function(
        mp.acos, torch.acos, (-0.9, 0.9), (-1, 1), [-1, 0.9999999, 1e-300, -1e-10],
        [(nan, nan), (1.0, 0.0), (1.5, nan), (-1.5, nan), (-inf, nan)],
    ),
    "atan": Function(
        mp.atan, torch.atan, (-3, 3), (-40, 40), LARGE, [*ODD, (inf, float(np.pi / 2)), (-inf, float(-np.pi / 2))]
    ),
    "sinh": Function(
        mp.sinh, torch.sinh, (-3, 3), (-40, 40), [1e-300, 700, -710, 711, 1e-10], [*ODD, (inf, inf), (-inf, -inf)]
    ),
    "cosh": Function(
        mp.cosh, torch.cosh, (-3, 3), (-40, 40), [1e-300, 700, -710, 711, 1e-10],
        [(nan, nan), (-0.0, 1.0), (inf, inf), (-inf, inf)],
    ),
    "tanh": Function(
        mp.tanh, torch.tanh, (-3, 3), (-25, 25), [1e-300, -1e-10, 30, -400], [*ODD, (inf, 1.0), (-inf, -1.0)]
    ),
    "asinh": Function(
        mp.asinh, torch.asinh, (-3, 3), (-40, 40), [1e-300, -1e-10, 1e10, -1e300], [*ODD, (inf, inf), (-inf, -inf)]
    ),
    "acosh": Function(
        mp.acosh, torch.acosh, (1.2, 5), (1, 60), [1.0000001, 1e10, 1e300],
        [(nan, nan), (1.0, 0.0), (0.5, nan), (-1.0, nan), (inf, inf)],
    ),
    "atanh": Function(
        mp.atanh, torch.atanh, (-0.8, 0.8), (-0.9999, 0.9999), [1e-300, -1e-10, 0.99999999],
        [*ODD, (1.0, inf), (-1.0, -inf), (1.5, nan)],
    ),
    "sigmoid": Function(
        sigmoid, torch.sigmoid, (-3, 3), (-60, 60), [-700, -745, 700, 1e-300, -1e-10],
        [(nan, nan), (inf, 1.0), (-inf, 0.0), (-0.0, 0.5)],
    ),
    "erf": Function(
        mp.erf, torch.erf, (-2.5, 2.5), (-6.5, 6.5), [1e-300, -1e-10, 30, -6, 1.9999999, 2, 0.5, 1, -1],
        [*ODD, (inf, 1.0), (-inf, -1.0)],
    ),
    "erfc": Function(
        mp.erfc, torch.erfc, (-2.5, 2.5), (-6.5, 27), [1e-300, -1e-10, 26.5, 27.2, 0.9999999, 1, 0.5, 28, -30],
        [(nan, nan), (-0.0, 1.0), (inf, 0.0), (-inf, 2.0)],
    ),
    "erfinv": Function(
        erfinv, torch.erfinv, (-0.9, 0.9), (-0.99999, 0.99999),
        [1e-300, -1e-10, 0.5, -0.5, 0.4999999, 1 - 2.0**-24, 1 - 2.0**-53, -1 + 2.0**-53, 0.999],
        [*ODD, (1.0, inf), (-1.0, -inf), (1.5, nan), (-inf, nan)], derivatives_of_erfinv,
    ),
    "sqrt": Function(
        mp.sqrt, torch.sqrt, (0.1, 6), (0, 90), [1e300, 1e-300, 5e-324, 2, 1],
        [*ODD, (inf, inf), (-1.0, nan), (-inf, nan)],
    ),
    "cbrt": Function(
        cbrt, lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3), (0.1, 6), (-90, 90),
        [1e300, -1e-300, 5e-324, 27, -8], [*ODD, (inf, inf), (-inf, -inf)],
    ),
    "reciprocal": Function(
        lambda x: 1 / x, torch.reciprocal, (0.1, 6), (0.01, 90), [1e300, -1e-300, 3],
        [(nan, nan), (inf, 0.0), (-inf, -0.0), (0.0, inf), (-0.0, -inf)],
    ),
}

# Rounded correctly by every engine: tolerance 0.
EXACT = ("sqrt", "reciprocal")
# Math.* of V8 is a port of fdlibm: below 1 ulp for most, below 2 for hyperbolic functions. The others are our own.
ULPS = {"erf": 4, "erfc": 4, "erfinv": 4, "sigmoid": 2}


def tolerance(name, dtype):
    """Float32 results are float64 results rounded once: at most 1 ulp from the correctly rounded value."""
    if name in EXACT:
        return None
    return {"ulp": 1 if dtype == "float32" else ULPS.get(name, 2)}


def exact_values(function, xs):
    """f at each of xs, which may include special values."""

    def one(x):
        x = float(x)
        for key, value in function.special:
            if np.isnan(key) and np.isnan(x) or key == x and np.signbit(key) == np.signbit(x):
                return value
        result = function.exact(mp.mpf(x))
        return nan if isinstance(result, mp.mpc) and result.imag != 0 else rounded(mp.re(result))

    return np.array([one(x) for x in np.ravel(xs)], dtype=np.float64).reshape(np.shape(xs))


def known_derivatives(function, x):
    """For `File.add`: ct * f'(x) and ct * f''(x) * u."""

    def grads(ct, directions):
        pairs = [function.first_and_second(value) for value in np.ravel(x)]
        first = np.array([rounded(a) for a, _ in pairs]).reshape(np.shape(x))
        second = np.array([rounded(b) for _, b in pairs]).reshape(np.shape(x))
        return [ct * first], [ct * second * directions[0]] if directions is not None else None

    return grads


# Derivatives are short compositions of primitives, in float32 rounded at each: a few eps, relative to each element.
# More where a rule subtracts (1 - tanh^2) or squares before exp; then relative to the terms.
GTOL = {"eps": 8}
WIDER = {"erf": 24, "erfc": 24, "erfinv": 32, "tanh": 32, "sigmoid": 24, "atanh": 16, "asin": 16, "acos": 16}


def float_cases(file, name, function, dtype):
    low, high = function.points
    gtol = {"eps": WIDER.get(name, 8)}
    tol = tolerance(name, dtype)
    for shape in [(2, 3), (), (1, 1), (0, 3)]:
        x = sample(dtype, shape, low, high, key=name)
        if name == "sigmoid" and shape == ():
            x = array(1.25, dtype)
        file.add(
            name, dtype, [x], exact_values(function, x).astype(DTYPES[dtype]),
            fn=function.torch, grads=known_derivatives(function, x), tol=tol, gtol=gtol,
        )
    special = array([x for x, _ in function.special], dtype)
    file.add(name, dtype, [special], exact_values(function, special).astype(DTYPES[dtype]), tol=tol)
    edges = array(function.edges, dtype)
    edges = edges[np.isfinite(edges)]
    file.add(name, dtype, [edges], exact_values(function, edges).astype(DTYPES[dtype]), tol=tol)
    points = spread(*function.sweep).astype(DTYPES[dtype])
    if dtype == "float64":
        points = np.round(points, 9)
        points = points[(points >= function.sweep[0]) & (points <= function.sweep[1])]
        if name in ("log", "log2", "reciprocal"):
            points = points[points != 0]
    file.add(name, dtype, [points], exact_values(function, points).astype(DTYPES[dtype]), tol=tol)


def integer_cases(file, name, function, dtype):
    top = 2**32 - 1 if dtype == "uint32" else 2**31 - 1
    wide = [0, 1] if dtype == "bool" else [0, 1, 2, 5, 10, 1000, 16777217, top]
    if dtype == "int32":
        wide += [-1, -2, -5, -(2**31)]
    for x in [array(wide, dtype), array(1, dtype), array([[1, 0, 1]], dtype), array(np.zeros((2, 0)), dtype)]:
        as_float = x.astype(np.float32)
        file.add(
            name, dtype, [x], exact_values(function, as_float).astype(np.float32), tol=tolerance(name, "float32")
        )


def main():
    file = File("elementary")
    for name, function in FUNCTIONS.items():
        for dtype in DTYPES:
            (float_cases if dtype in FLOATS else integer_cases)(file, name, function, dtype)
    file.write()


if __name__ == "__main__":
    main()
