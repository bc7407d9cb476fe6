"""The elementary functions in mpmath, and where to try them."""

import math
import random
from dataclasses import dataclass
from typing import Callable

import mpmath
from mpmath import mpf

MAX = float.fromhex("0x1.fffffffffffffp1023")
NORMAL = 2.0**-1022
TINY = 2.0**-1074


@dataclass(frozen=True)
class Function:
    """A function of one float64, or of several."""

    value: Callable[..., mpf]
    # Intervals to draw arguments from, of each argument: evenly, ...
    even: tuple = ()
    # ... and with bit patterns that are evenly distributed (so that magnitudes are). Ends have the same sign.
    magnitudes: tuple = ()
    # Arguments to try as they are; for functions of several arguments tuples.
    points: tuple = ()
    arity: int = 1


def both(*intervals):
    """The intervals and their mirror images."""
    return (*intervals, *((-high, -low) for low, high in intervals))


def mirrored(*points):
    return (*points, *(-point for point in points))


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def erfinv(y):
    """mpmath's own is slow near the ends; Newton's method on erfc, where nothing cancels."""
    if y == 0:
        return y
    if abs(y) < mpf(2) ** -200:
        return y * mpmath.sqrt(mpmath.pi) / 2
    magnitude = abs(y)
    rest = 1 - magnitude
    x = mpf(_estimate(float(magnitude), float(rest)))
    for _ in range(60):
        error = mpmath.erf(x) - magnitude if magnitude < 0.5 else rest - mpmath.erfc(x)
        step = error * mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(x * x)
        x -= step / (1 + x * step)
        if abs(step) < abs(x) * mpf(2) ** -120:
            return mpmath.sign(y) * x
    raise ArithmeticError(f"erfinv({y}) does not converge")


def _estimate(y, rest):
    """Winitzki's (2008)."""
    log = math.log(rest) + math.log1p(y)
    half = 2 / (math.pi * 0.147) + log / 2
    return math.sqrt(max(math.sqrt(half * half - log / 0.147) - half, y * y / 4))


# Multiples of pi/2 that are closest to float64 numbers (Muller, Elementary Functions, 2006, section 11.3), and others.
HARD_ANGLES = mirrored(
    float.fromhex("0x1.6ac5b262ca1ffp849"), 1.5707963267948966, 3.141592653589793, 6.283185307179586, 0.7853981633974483,
    22.0, 355.0, 5e15, 1e22, 2.0**1023, TINY, NORMAL, 411775.0, 1647097.0, 1e300,
)


def near_quarters():
    """Float64 numbers next to multiples of pi/2 of all sizes, where the reduction of arguments cancels most."""
    rng = random.Random("quarters")
    with mpmath.workprec(2300):
        multiples = [*range(1, 40)] + [rng.getrandbits(bits) | 1 for bits in range(6, 1022, 4)]
        return tuple(rng.choice((-1, 1)) * float(k * mpmath.pi / 2) for k in multiples)


# Where the engine's code changes its way of reduction.
ANGLES = (*HARD_ANGLES, *mirrored(2.0**20, 1048575.9999999999, 1048576.0000000001), *near_quarters())
EXP_OVERFLOW = 709.782712893384
EXP_UNDERFLOW = -745.1332191019412


def extreme_powers():
    """Bases of all sizes, many of them near 1, with exponents for which the result almost over- or underflows."""
    rng = random.Random("powers")
    bases = [2.0 ** rng.uniform(-1074, 1024) for _ in range(120)]
    bases += [1 + rng.choice((-1, 1)) * 2.0 ** rng.uniform(-52, -2) for _ in range(120)]
    return tuple((x, rng.choice((rng.uniform(-745, -700), rng.uniform(690, 709.7))) / math.log(x)) for x in bases)


# Where large terms cancel around zeros, between the poles at negative integers, the measure is a difference, not ULP.
CANCELLED = mpf(2) ** -9


def lgamma(x):
    value = mpmath.re(mpmath.loggamma(x)) if x > 0 or mpmath.floor(x) != x else mpmath.inf
    return mpmath.nan if x < 0 and abs(value) < CANCELLED else value


def polygamma(n):
    def value(x):
        if x <= 0 and mpmath.floor(x) == x:
            return mpmath.nan
        if x > 2**60 or x < -(2**60):
            return mpmath.nan
        result = mpmath.psi(n, x)
        return mpmath.nan if x < 0 and abs(result) < CANCELLED else result

    return value


def derivatives_of_lgamma(n):
    """Float64 arguments beyond 2^52 are poles on the left, and powers on the right."""
    return Function(
        polygamma(n),
        even=((0, 3), (0, 30), (1.3, 1.6), (-20, 0), (-3, 0)),
        magnitudes=((1e-30, 1e15), (1e-3, 100), (-1e4, -1e-20)),
        points=(1.4616321449683622, 1.0, 2.0, 0.5, 11.0, 10.999999999999998, 1e-9, 1.43, 1.4928, 1.49287, -0.5, -1.5, -2.5),
    )


FUNCTIONS = {
    "lgamma": Function(
        lgamma,
        even=((0, 3), (0, 30), (0.9, 1.1), (1.9, 2.1), (7, 9), (-20, 0), (-3, 0)),
        magnitudes=((TINY, 2.5e305), (1e-3, 100), (-1e6, -TINY)),
        points=(1.0, 2.0, 1.0000000000000002, 0.9999999999999999, 1.9999999999999998, 2.0000000000000004, 0.5, 1.5, 2.5,
                0.49999999999999994, 8.0, 7.999999999999999, 2.5e305, 2.55e305, TINY, -TINY, 1.4616321449683622, -0.5, -1.5),
    ),
    **{f"polygamma{n}": derivatives_of_lgamma(n) for n in (0, 1, 2, 5)},
    "log10": Function(
        mpmath.log10,
        even=((0.5, 2), (0.99, 1.01)),
        magnitudes=((TINY, MAX), (TINY, NORMAL), (0.1, 10)),
        points=(MAX, NORMAL, TINY, 0.9999999999999999, 1.0000000000000002, *(float(f"1e{k}") for k in range(-20, 23))),
    ),
    "exp": Function(
        mpmath.exp,
        even=((-746, 710), (-1, 1), (-745.2, -708), (709, 709.79)),
        magnitudes=both((1e-18, 800)),
        points=(EXP_OVERFLOW, EXP_UNDERFLOW, -708.3964185322641, *mirrored(NORMAL, TINY, 0.34657359027997264)),
    ),
    "exp2": Function(
        lambda x: mpf(2) ** x,
        even=((-1075, 1024), (-1, 1), (-1074.99, -1021)),
        magnitudes=both((1e-18, 1024)),
        points=(1023.9999999999999, -1074.9999999999998, *mirrored(0.5, 1.5, 1.0, 1022.0)),
    ),
    "expm1": Function(
        mpmath.expm1,
        even=((-40, 710), (-1.1, 1.1), (-0.4, 0.4), (709, 709.79)),
        magnitudes=both((TINY, 700), (1e-18, 1)),
        points=(EXP_OVERFLOW, *mirrored(NORMAL, TINY, 0.34657359027997264, 0.6931471805599453)),
    ),
    "log": Function(
        mpmath.log,
        even=((0.5, 2), (0.99, 1.01), (0.6, 1.5)),
        magnitudes=((TINY, MAX), (TINY, NORMAL), (0.1, 10)),
        points=(MAX, NORMAL, TINY, 0.9999999999999999, 1.0000000000000002, 0.7071067811865476, 1.4142135623730951),
    ),
    "log1p": Function(
        mpmath.log1p,
        even=((-1, 1), (-0.3, 0.42), (-0.999999, -0.99)),
        magnitudes=(*both((TINY, 0.99)), (TINY, MAX), (1e-18, 1e18)),
        points=(MAX, -0.9999999999999999, *mirrored(TINY, NORMAL, 1e-17), -0.2928932188134524, 0.4142135623730951),
    ),
    "log2": Function(
        lambda x: mpmath.log(x) / mpmath.log(2),
        even=((0.5, 2), (0.99, 1.01)),
        magnitudes=((TINY, MAX), (TINY, NORMAL), (0.1, 10)),
        points=(MAX, NORMAL, TINY, 0.9999999999999999, 1.0000000000000002, 8.0, 2.0**-1060, 2.0**1000, 0.5, 2.0),
    ),
    "sinh": Function(
        mpmath.sinh,
        even=((-3, 3), (-710.5, 710.5), (709, 710.47)),
        magnitudes=both((TINY, 710), (1e-9, 30)),
        points=mirrored(710.4758600739439, TINY, NORMAL, 1.0, 22.0),
    ),
    "cosh": Function(
        mpmath.cosh,
        even=((-3, 3), (-710.5, 710.5), (709, 710.47)),
        magnitudes=both((TINY, 710), (1e-9, 30)),
        points=mirrored(710.4758600739439, TINY, 1.0, 22.0),
    ),
    "tanh": Function(
        mpmath.tanh,
        even=((-3, 3), (-20, 20), (-0.4, 0.4)),
        magnitudes=both((TINY, 20), (1e-9, 2)),
        points=mirrored(TINY, NORMAL, 19.06, 22.0, 1000.0, 0.17328679513998632),
    ),
    "sigmoid": Function(
        sigmoid,
        even=((-3, 3), (-40, 40), (-745.2, 40), (-745.2, -708)),
        magnitudes=both((1e-18, 745)),
        points=(-745.2, -709.0, 36.7, 40.0, *mirrored(TINY, 800.0)),
    ),
    "asinh": Function(
        mpmath.asinh,
        even=((-3, 3), (-30, 30), (-0.5, 0.5)),
        magnitudes=both((TINY, MAX), (1e-9, 1e9)),
        points=mirrored(TINY, NORMAL, MAX, 1.0),
    ),
    "acosh": Function(
        mpmath.acosh,
        even=((1, 3), (1, 1.1), (1, 30)),
        magnitudes=((1.0, MAX), (1.0, 10.0), (1.0, 1.0 + 2.0**-40)),
        points=(1.0000000000000002, MAX, 1.25, 2.0),
    ),
    "atanh": Function(
        mpmath.atanh,
        even=((-1, 1), (-0.5, 0.5), (0.99, 1)),
        magnitudes=both((TINY, 1.0), (1e-9, 1.0), (0.999, 1.0)),
        points=mirrored(TINY, NORMAL, 0.9999999999999999, 0.5),
    ),
    "erf": Function(
        mpmath.erf,
        even=((-6, 6), (-1.3, 1.3), (0.8, 1.3), (2.8, 2.9)),
        magnitudes=both((TINY, 6.0), (1e-9, 6.0)),
        points=mirrored(TINY, NORMAL, 5.9, 6.0, 0.84375, 1.25, 1e-300),
    ),
    "erfc": Function(
        mpmath.erfc,
        even=((-6, 28), (-1.3, 1.3), (0.8, 3), (26, 27.3)),
        magnitudes=both((1e-18, 6.0)),
        points=(26.543258454250987, 27.226017111108365, *mirrored(TINY, 0.84375, 1.25, 0.25, 6.0)),
    ),
    "erfinv": Function(
        erfinv,
        even=((-1, 1), (-0.9, 0.9), (0.8, 1), (0.99, 1)),
        magnitudes=both((TINY, 1.0), (1e-9, 1.0), (0.9999, 1.0)),
        points=mirrored(TINY, NORMAL, 0.9999999999999999, 0.5, 0.85),
    ),
    "sin": Function(
        mpmath.sin,
        even=((-10, 10), (-1000, 1000), (-1e6, 1e6)),
        magnitudes=both((TINY, MAX), (1e-9, 100)),
        points=ANGLES,
    ),
    "cos": Function(
        mpmath.cos,
        even=((-10, 10), (-1000, 1000), (-1e6, 1e6)),
        magnitudes=both((1e-18, MAX), (1e-9, 100)),
        points=ANGLES,
    ),
    "tan": Function(
        mpmath.tan,
        even=((-10, 10), (-1000, 1000), (-1e6, 1e6)),
        magnitudes=both((TINY, MAX), (1e-9, 100)),
        points=ANGLES,
    ),
    "asin": Function(
        mpmath.asin,
        even=((-1, 1), (0.99, 1), (0.4, 0.6)),
        magnitudes=both((TINY, 1.0), (0.999, 1.0)),
        points=mirrored(TINY, NORMAL, 0.5, 0.9999999999999999, 1.0, 0.975),
    ),
    "acos": Function(
        mpmath.acos,
        even=((-1, 1), (0.99, 1), (0.4, 0.6)),
        magnitudes=both((1e-18, 1.0), (0.999, 1.0)),
        points=mirrored(TINY, 0.5, 0.9999999999999999, 0.975),
    ),
    "atan": Function(
        mpmath.atan,
        even=((-3, 3), (-30, 30)),
        magnitudes=both((TINY, MAX), (1e-9, 1e9)),
        points=mirrored(TINY, NORMAL, MAX, 0.4375, 0.6875, 1.4375, 2.4375),
    ),
    "cbrt": Function(
        lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
        even=((-10, 10),),
        magnitudes=both((TINY, MAX), (TINY, NORMAL), (0.1, 10)),
        points=mirrored(TINY, NORMAL, MAX, 8.0, 27.0, 1.0),
    ),
    "atan2": Function(
        mpmath.atan2,
        arity=2,
        even=(((-3, 3), (-1, 1)), ((-3, 3), (-1, 1))),
        magnitudes=(both((TINY, MAX), (1e-3, 1e3)), both((TINY, MAX), (1e-3, 1e3))),
        points=((1.0, 1.0), (-1.0, -1.0), (TINY, 1.0), (TINY, -1.0), (MAX, MAX), (1.0, MAX), (NORMAL, 2.0)),
    ),
    "pow": Function(
        mpmath.power,
        arity=2,
        even=(((0, 4), (0.9, 1.1)), ((-30, 30), (-300, 300), (-4, 4))),
        magnitudes=(((TINY, MAX), (0.01, 100)), both((1e-6, 100), (0.01, 10))),
        points=(
            (2.0, -1074.0), (2.0, 1023.5), (10.0, -320.0), (0.9999999999999999, 1e18), (MAX, 0.5), (TINY, 0.5),
            *extreme_powers(),
        ),
    ),
    "mod": Function(
        lambda x, y: x - y * mpmath.floor(x / y),
        arity=2,
        even=(((-100, 100), (-1, 1)), ((-10, 10), (-1, 1))),
        magnitudes=(both((1e-3, 1e9), (TINY, 1e300)), both((1e-3, 1e9), (TINY, 1e300))),
        points=((5.5, 2.0), (-5.5, 2.0), (5.5, -2.0), (1e300, 3.0), (1e-320, 3e-322), (-1e-20, 1.0)),
    ),
}
