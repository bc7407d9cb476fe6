"""The rest of the scalar family: the gamma function, logarithms, remainders, bits.

Functions of one argument: mpmath with 60 digits, checked against PyTorch, in the ways of `elementary.py`. Functions of two:
NumPy where it is exact, else mpmath; derivatives by PyTorch. Shifts by JAX, whose counts out of range are defined.
"""

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import torch

import elementary
import scalar
from common import DTYPES, FLOATS, INTEGERS, NUMERIC, File, array, floating, inf, nan, promote, rounded, sample
from elementary import Function
from scalar import SPECIAL, binary_case, elementwise, special_pairs

jax.config.update("jax_enable_x64", True)


def at_pole(x):
    return x <= 0 and mp.floor(x) == x


def lgamma(x):
    return mp.inf if at_pole(x) else mp.re(mp.loggamma(x))


def psi(n, x):
    """JAX's at poles: infinite for odd n, NaN where the limits on both sides differ."""
    if at_pole(x):
        return mp.inf if n % 2 else mp.nan
    return mp.psi(n, x)


def sinc(x):
    return mp.sincpi(x)


def derivatives_of_sinc(x):
    if x == 0:
        return mp.mpf(0), -mp.pi**2 / 3
    u = mp.pi * x
    first = (u * mp.cos(u) - mp.sin(u)) / u**2
    second = -mp.sin(u) / u - 2 * first / u
    return mp.pi * first, mp.pi**2 * second


def logit(x):
    return mp.nan if x < 0 or x > 1 else mp.log(x / (1 - x)) if 0 < x < 1 else -mp.inf if x == 0 else mp.inf


ODD = [(nan, nan), (-0.0, -0.0), (0.0, 0.0), (inf, inf), (-inf, -inf)]
POLES = [0.0, -0.0, -1.0, -7.0]

FUNCTIONS = {
    "lgamma": Function(
        lgamma, torch.lgamma, (0.6, 6), (-5.83, 60.3),
        [1, 2, 3, 1e-10, 1e5, 1e300, 171.6, 1.0000001, 2.0000001, 1.9999999, -0.5, -1.5, -2.5, -10.5, -100.25, 5e-324],
        [(nan, nan), (inf, inf), (-inf, inf), *((x, inf) for x in POLES)],
        lambda x: (mp.psi(0, x), mp.psi(1, x)),
    ),
    "digamma": Function(
        lambda x: psi(0, x), torch.digamma, (0.6, 6), (-5.83, 60.3),
        [1, 2, 1.4616321449683622, 1.4616, 1e-10, 1e5, 1e300, -0.5, -1.5, -0.504083, -10.25, -1e5 - 0.25, 1e-300],
        [(nan, nan), (inf, inf), (-inf, nan), *((x, nan) for x in POLES)],
        lambda x: (mp.psi(1, x), mp.psi(2, x)),
    ),
    "log10": Function(
        mp.log10, torch.log10, (0.1, 6), (1e-8, 90),
        [*(float(f"1e{k}") for k in range(-45, 39, 4)), 1000, 1e-3, 1e300, 1e-300, 5e-324, 0.9999999, 1.0000001],
        [(nan, nan), (inf, inf), (1.0, 0.0), (0.0, -inf), (-0.0, -inf), (-1.0, nan), (-inf, nan)],
    ),
    "rsqrt": Function(
        lambda x: 1 / mp.sqrt(x), torch.rsqrt, (0.1, 6), (0.01, 90), [1e300, 1e-300, 5e-324, 2, 4],
        [(nan, nan), (inf, 0.0), (0.0, inf), (-0.0, -inf), (-1.0, nan), (-inf, nan)],
    ),
    "degrees": Function(
        lambda x: x * 180 / mp.pi, torch.rad2deg, (-3, 3), (-40, 40), [1e300, 1e-300, 3.141592653589793], ODD,
        lambda x: (180 / mp.pi, mp.mpf(0)),
    ),
    "radians": Function(
        lambda x: x * mp.pi / 180, torch.deg2rad, (-90, 90), (-400, 400), [1e300, 1e-30, 180, 90], ODD,
        lambda x: (mp.pi / 180, mp.mpf(0)),
    ),
    "sinc": Function(
        sinc, torch.sinc, (0.05, 0.6), (-3.3, 3.3), [1e-300, -1e-10, 0.33333, 0.33334, 1e5 + 0.25, 1e15, 7, 5e-324],
        [(nan, nan), (0.0, 1.0), (-0.0, 1.0), (inf, nan), (-inf, nan)], derivatives_of_sinc,
    ),
    "logit": Function(
        logit, torch.logit, (0.1, 0.9), (0.001, 0.999),
        [1e-300, 1e-10, 0.5, 0.5000001, 0.4999999, 0.25, 0.75, 0.74999, 1 - 2.0**-24, 1 - 2.0**-53],
        [(nan, nan), (0.0, -inf), (1.0, inf), (1.5, nan), (-0.5, nan), (-inf, nan), (inf, nan)],
    ),
}

# Compositions round at each primitive.
ULPS = {"lgamma": (1, 2), "digamma": (1, 2), "log10": (1, 1), "rsqrt": (2, 2), "degrees": (2, 2), "radians": (2, 2),
        "sinc": (6, 6), "logit": (4, 5)}
elementary.WIDER.update({"sinc": 96, "logit": 24, "lgamma": 12, "digamma": 12})
# Between poles there are zeros, around which large terms cancel: a difference of 2^-55 is none.
CANCELLED = {"lgamma": {"eps": 0.125, "scale": 1}, "digamma": {"eps": 0.125, "scale": 1}}
_tolerance = elementary.tolerance


def tolerance(name, dtype):
    if name not in ULPS:
        return _tolerance(name, dtype)
    own = {"ulp": ULPS[name][dtype == "float64"]}
    return {**own, **CANCELLED.get(name, {})} if dtype == "float64" else own


elementary.tolerance = tolerance


def one_argument(file):
    for name, function in FUNCTIONS.items():
        for dtype in DTYPES:
            cases = elementary.float_cases if dtype in FLOATS else elementary.integer_cases
            cases(file, name, function, dtype)
    for dtype in FLOATS:
        x = array([0.0, 1e-5, -1e-3, 0.02, -0.3], dtype)
        function = FUNCTIONS["sinc"]
        file.add("sinc", dtype, [x], elementary.exact_values(function, x).astype(DTYPES[dtype]),
                 grads=elementary.known_derivatives(function, x), tol={"ulp": 2}, gtol={"eps": 16},
                 note="the derivatives around 0, where sin(u) / u^2 would cancel")


def polygamma(file):
    for n in (0, 1, 2, 3, 7):
        for dtype in DTYPES:
            target = floating(dtype)
            tol = {"ulp": 1 if target == "float32" else 3}
            values = lambda x: np.array(
                [rounded(psi(n, mp.mpf(float(v)))) for v in np.ravel(x)], np.float64
            ).reshape(np.shape(x)).astype(DTYPES[target])
            for shape in [(2, 3), (), (0, 3)]:
                x = sample(dtype, shape, 0.6, 6, key=("polygamma", n))
                own = np.asarray(x).astype(DTYPES[target])

                def grads(ct, directions, own=own):
                    orders = [
                        np.array([rounded(mp.psi(n + k, mp.mpf(float(v)))) for v in np.ravel(own)]).reshape(own.shape)
                        for k in (1, 2)
                    ]
                    return [ct * orders[0]], [ct * orders[1] * directions[0]]

                file.add("polygamma", dtype, [n, x], values(own), grads=grads if dtype in FLOATS else None,
                         tol=tol, gtol={"eps": 12})
            if dtype in FLOATS:
                x = array([0.01, 0.3, 10.5, 11, 12, 33.3, 1e4, -0.3, -0.7, -1.25, -6.4, -20.5], dtype)
                file.add("polygamma", dtype, [n, x], values(x), tol=tol)
                special = array([nan, inf, 0, -0.0, -1, -2], dtype)
                # Towards infinity from below for even orders: -0.
                end = inf if n == 0 else 0.0 if n % 2 else -0.0
                pole = inf if n % 2 else nan
                file.add("polygamma", dtype, [n, special], array([nan, end, pole, pole, pole, pole], dtype))


def exact(fn, ieee):
    def one(a, b):
        a, b = float(a), float(b)
        if not (np.isfinite(a) and np.isfinite(b)) or a == 0 or b == 0:
            return float(ieee(np.float64(a), np.float64(b)))
        value = fn(mp.mpf(a), mp.mpf(b))
        return nan if isinstance(value, mp.mpc) and value.imag != 0 else rounded(mp.re(value))

    return lambda x, y: elementwise(one, x, y)


def xlogy_ieee(x, y):
    if np.isnan(x) or np.isnan(y):
        return nan
    return 0.0 if x == 0 and (y <= 0 or np.isinf(y)) else x * np.log(y)


# As `scalar.BINARY`.
BINARY = {
    "hypot": (exact(mp.hypot, np.hypot), torch.hypot, DTYPES, True, (-9, 9), (1, 4), 1),
    "logaddexp": (exact(lambda a, b: mp.log(mp.exp(a) + mp.exp(b)), np.logaddexp), torch.logaddexp, DTYPES, True,
                  (-9, 9), (-3, 4), 1),
    "xlogy": (exact(lambda a, b: a * mp.log(b), xlogy_ieee), torch.special.xlogy, DTYPES, True, (1, 9), (1, 4), 1),
    "copysign": (np.copysign, torch.copysign, DTYPES, True, (1, 9), (-4, 5), 0),
    "squaredDifference": (lambda x, y: (x - y) * (x - y), lambda x, y: (x - y) ** 2, NUMERIC, False,
                          (-9, 9), (-9, 9), 0),
    "fmod": (np.fmod, torch.fmod, NUMERIC, False, (-9, 9), (1, 4), 0),
    "floorDivide": (np.floor_divide, None, NUMERIC, False, (-9, 9), (1, 4), 0),
}
scalar.BINARY.update(BINARY)
TOLERANCES = {"hypot": {"ulp": 3}, "logaddexp": {"eps": 4, "scale": 1}, "xlogy": {"ulp": 4}}


def two_arguments(file):
    for name, (_, torch_fn, accepted, _, left, right, _) in BINARY.items():
        rest = {"tol": TOLERANCES.get(name), "gtol": {"eps": 24}}
        case = lambda x, y, **more: binary_case(
            file, name, dtype, x, y, **{"fn": torch_fn is not None, **rest, **more}
        )
        for dtype in DTYPES:
            x = lambda shape, kind=dtype: sample(kind, shape, *left, key=(name, "x"))
            y = lambda shape, kind=dtype: sample(kind, shape, *right, key=(name, "y"))
            if dtype in accepted:
                case(x((2, 3)), y((2, 3)))
                case(x((2, 1, 3)), y((4, 1)))
                case(x(()), y((3,)))
                case(x((2, 2)), 2)
                case(3, y((1, 1)))
                case(x((0, 3)), y((1, 3)))
            case(x((3,)), 2.5, note="a fractional number with integers gives float32")
            for other in DTYPES:
                if other != dtype and (dtype in accepted or other in accepted):
                    case(x((2,)), y((3, 1), other), note="promotion")
            if dtype in FLOATS:
                case(*special_pairs(dtype), fn=False)
    for dtype in FLOATS:
        big, small = (3e38, 1e-42) if dtype == "float32" else (1e308, 5e-324)
        for name, x, y in [
            ("hypot", [big, small, 3, big / 4], [big / 2, small, -4, 1]),
            ("logaddexp", [big, -big, 1000, -1000, 0, 0, 50], [big / 2, -big, 999, -1001, -40, 0, -inf]),
            ("xlogy", [0, 0, 0, 2, small], [0, 5, -1, small, big]),
            ("fmod", [5.5, -5.5, 5.5, -5.5, 4, -4, 1e20, big], [2, 2, -2, -2, 2, 2, 3, 7]),
            ("floorDivide", [5.5, -5.5, 5.5, -5.5, 4, -4, -1, 1, -0.3, 0.3], [2, 2, -2, -2, 2, 2, -3, -3, 0.1, 0.1]),
        ]:
            binary_case(file, name, dtype, array(x, dtype), array(y, dtype), fn=False, tol=TOLERANCES.get(name),
                        note="extreme arguments and signs")
        x, y = array([0, 0, 2], dtype), array([0, 0, 0], dtype)
        file.add("hypot", dtype, [x, y], np.hypot(x, y), grads=lambda ct, _: ([ct * [0, 0, 1], ct * 0], None),
                 second=False, note="the gradient at the origin is 0")
        x, y = array([0, 0, 0], dtype), array([0, -2, inf], dtype)
        file.add("xlogy", dtype, [x, y], np.zeros(3, DTYPES[dtype]), grads=lambda ct, _: ([ct * 0, ct * 0], None),
                 second=False, note="derivatives are 0 where 0 log(y) is taken for 0")
        x = array([1, -2, 0.5], dtype)
        binary_case(file, "logaddexp", dtype, x, x.copy(), tol={"ulp": 2}, note="ties share the gradient, to any order")
    integers = {
        "int32": ([2**31 - 1, -(2**31), 123456789, -7, 7, -7, 0, -(2**31), 5], [1, -1, 1000003, 3, -3, -3, 5, 7, 0]),
        "uint32": ([2**32 - 1, 0, 3123456789, 7, 5, 6, 0, 9], [1, 1, 4000000007, 3, 10, 4, 1, 0]),
    }
    for dtype, (left, right) in integers.items():
        for name in ("squaredDifference", "fmod", "floorDivide"):
            binary_case(file, name, dtype, array(left, dtype), array(right, dtype), note="wraps; 0 for a divisor 0")


def lerps(file):
    for dtype in DTYPES:
        for a, b, w in [((2, 3), (2, 3), (2, 3)), ((2, 1), (3,), ()), ((), (2, 2), (1, 2)), ((0, 1), (0, 3), (3,))]:
            start, end = sample(dtype, a, -9, 9, key="start"), sample(dtype, b, -9, 9, key="end")
            weight = sample(dtype, w, 0, 1.5, key="weight")
            own = [x.astype(np.float64) for x in (start, end, weight)]
            out = own[0] + own[2] * (own[1] - own[0])
            file.add("lerp", dtype, [start, end, weight], out, out_dtype=floating(dtype),
                     fn=torch.lerp if dtype in FLOATS else None, tol={"eps": 4, "scale": 20}, gtol={"eps": 4}, mix=True)
        x, y = sample(dtype, (3,), -9, 9, key="x"), sample(dtype, (3,), -9, 9, key="y")
        if dtype in FLOATS:
            for weight, out in ((0, x), (1, y)):
                file.add("lerp", dtype, [x, y, weight], out, note="exact at both ends")


def tests_and_replacements(file):
    for name, fn in {"isFinite": np.isfinite, "isInf": np.isinf}.items():
        for dtype in DTYPES:
            for shape in [(2, 3), (), (0, 2), (1, 3)]:
                x = sample(dtype, shape, -9, 9, key=name)
                file.add(name, dtype, [x], fn(x.astype(np.float64)))
            if dtype in FLOATS:
                x = array([*SPECIAL, 3e38, -1e-45], dtype)
                file.add(name, dtype, [x], fn(x))
    for dtype in DTYPES:
        for shape in [(2, 3), (), (0, 2), (1, 3)]:
            x = sample(dtype, shape, -9, 9, key="nanToNum")
            file.add("nanToNum", dtype, [x], x, fn=torch.nan_to_num if dtype in FLOATS else None)
        if dtype in FLOATS:
            x = array(SPECIAL, dtype)
            file.add("nanToNum", dtype, [x], np.nan_to_num(x))
            options = {"nan": 1.5, "posinf": 7, "neginf": -8}
            file.add("nanToNum", dtype, [x, options], np.nan_to_num(x, **options),
                     fn=lambda p: torch.nan_to_num(p, **options), note="the derivative of what is replaced is 0")


def bits(file):
    words = [0, 1, 2, 7, 255, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32 - 2]
    word = lambda dtype, values: np.array(values, np.uint32).astype(DTYPES[dtype])
    binary_ops = {"bitwiseAnd": np.bitwise_and, "bitwiseOr": np.bitwise_or, "bitwiseXor": np.bitwise_xor}
    for name, fn in binary_ops.items():
        for dtype in ("bool", *INTEGERS):
            for a, b in [((2, 3), (2, 3)), ((2, 1), (3,)), ((), (4,)), ((0, 2), (1, 2))]:
                x, y = sample(dtype, a, -99, 99, key=(name, 0)), sample(dtype, b, -99, 99, key=(name, 1))
                file.add(name, dtype, [x, y], fn(x, y))
            if dtype != "bool":
                x, y = word(dtype, words), word(dtype, words[::-1])
                file.add(name, dtype, [x, y], fn(x, y))
                file.add(name, dtype, [x, 12], fn(x, DTYPES[dtype](12)), note="a weak number")
                other = "int32" if dtype == "uint32" else "uint32"
                left, right = word(dtype, words), word(other, words[::-1])
                file.add(name, dtype, [left, right], fn(left.astype(np.int32), right.astype(np.int32)), note="promotion")
    for dtype in ("bool", *INTEGERS):
        for shape in [(2, 3), (), (0, 2), (1, 1)]:
            x = sample(dtype, shape, -99, 99, key="bitwiseNot")
            file.add("bitwiseNot", dtype, [x], np.invert(x))
        if dtype != "bool":
            file.add("bitwiseNot", dtype, [word(dtype, words)], np.invert(word(dtype, words)))
    for dtype in INTEGERS:
        right = jax.lax.shift_right_logical if dtype == "uint32" else jax.lax.shift_right_arithmetic
        for name, fn in {"leftShift": jax.lax.shift_left, "rightShift": right}.items():
            for a, b in [((2, 3), (2, 3)), ((2, 1), (3,)), ((), (4,)), ((0, 2), (1, 2))]:
                x, y = sample(dtype, a, -999, 999, key=(name, 0)), sample(dtype, b, 0, 9, key=(name, 1))
                both = np.broadcast_arrays(x, y)
                file.add(name, dtype, [x, y], np.asarray(fn(*map(jnp.asarray, both))))
            counts = word(dtype, [0, 1, 4, 16, 31, 32, 33, 40, 2**31, 2**32 - 1])
            x, y = np.repeat(word(dtype, words), len(counts)), np.tile(counts, len(words))
            file.add(name, dtype, [x, y], np.asarray(fn(jnp.asarray(x), jnp.asarray(y))), note="counts out of range")
            file.add(name, dtype, [word(dtype, words), 3], np.asarray(fn(jnp.asarray(word(dtype, words)), DTYPES[dtype](3))))
    for name, fn in {"leftShift": np.left_shift, "rightShift": np.right_shift}.items():
        for shape in [(2, 3), (), (0, 2), (1, 1)]:
            x = sample("bool", shape, key=name)
            file.add(name, "bool", [x, 1], fn(x.astype(np.int32), np.int32(1)), note="a weak number makes bool int32")
    kinds = ("float32", *INTEGERS)
    for dtype in kinds:
        for target in kinds:
            for shape in [(2, 3), (), (0, 2)]:
                x = sample(dtype, shape, -99, 99, key="bitcast")
                file.add("bitcast", dtype, [x, target], np.asarray(x).view(DTYPES[target]))
        values = array([0, -0.0, 1, -1, inf, -inf, 1e-45, 3e38], "float32") if dtype == "float32" else word(dtype, words[:6])
        for target in INTEGERS:
            file.add("bitcast", dtype, [values, target], values.view(DTYPES[target]))
    for dtype in ("bool", "float64"):
        for shape in [(2, 3), (), (0, 2), (1,)]:
            x = sample(dtype, shape, -99, 99, key="bitcast")
            file.add("bitcast", dtype, [x, dtype], x, note="as itself")


def main():
    file = File("special")
    one_argument(file)
    polygamma(file)
    two_arguments(file)
    lerps(file)
    tests_and_replacements(file)
    bits(file)
    file.write()


if __name__ == "__main__":
    main()
