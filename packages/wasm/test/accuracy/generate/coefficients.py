"""
Where the coefficients in packages/wasm/src/math come from, those of fdlibm apart: `python coefficients.py [name ...]`.

Polynomials by Remez' exchange (1934), rational functions by Lawson's weights on the linearised problem (Ellacott and
Williams, SIAM J. Numer. Anal. 13, 1976), both in multiple precision. Errors are relative to the function itself.
"""

import sys

import mpmath
from mpmath import cos, erf, erfc, exp, fabs, log, mp, mpf, pi, polyval, sinh, sqrt

mp.prec = 300
SMALL = mpf(10) ** -20


def value(coefficients, x):
    return polyval(coefficients[::-1], x)


def minimax(g, low, high, degree, weight, grid=2000):
    """The polynomial p with the least maximum of |weight (g - p)|, and that maximum."""
    low, high = mpf(low), mpf(high)
    count = degree + 2
    points = [low + (high - low) * (1 - cos(pi * i / grid)) / 2 for i in range(grid + 1)]
    values = [g(x) for x in points]
    weights = [weight(x) for x in points]
    reference = [i * grid // (count - 1) for i in range(count)]
    best = None
    for _ in range(30):
        matrix, right = mp.matrix(count, count), mp.matrix(count, 1)
        for i, at in enumerate(reference):
            for j in range(degree + 1):
                matrix[i, j] = points[at] ** j
            # The weight may be 0, at a point where p = g holds anyway.
            matrix[i, degree + 1] = (-1) ** i / (weights[at] + mpf("1e-8"))
            right[i] = values[at]
        solution = list(mp.lu_solve(matrix, right))
        p, level = solution[:-1], fabs(solution[-1])
        errors = [w * (v - value(p, x)) for w, v, x in zip(weights, values, points)]
        worst = max(map(fabs, errors))
        if best is None or worst < best[1]:
            best = p, worst
        reference = extrema(errors, count)
        if worst <= level * mpf("1.001") or len(reference) < count:
            break
    return best


def extrema(errors, count):
    """Places of alternating extrema, the greatest `count` in a row."""
    found = []
    for i, error in enumerate(errors):
        if any(fabs(error) < fabs(errors[j]) for j in (i - 1, i + 1) if 0 <= j < len(errors)):
            continue
        if found and mp.sign(errors[found[-1]]) == mp.sign(error):
            if fabs(error) > fabs(errors[found[-1]]):
                found[-1] = i
        else:
            found.append(i)
    while len(found) > count:
        found.pop(0 if fabs(errors[found[0]]) < fabs(errors[found[-1]]) else -1)
    return found


def rational(g, low, high, top, bottom, rounds=40, points=None):
    """p and q, q(0) = 1, with a nearly least maximum of |p / (q g) - 1|, and that maximum."""
    count = points or 12 * (top + bottom + 2)
    size = top + 1 + bottom
    low, high = mpf(low), mpf(high)
    xs = [low + (high - low) * (1 - cos(pi * (i + mpf(1) / 2) / count)) / 2 for i in range(count)]
    ys = [g(x) for x in xs]
    importance = [mpf(1) / count] * count
    divisors = [mpf(1)] * count
    best = None
    for _ in range(rounds):
        matrix, right = mp.matrix(size, size), mp.matrix(size, 1)
        for x, y, weight, q in zip(xs, ys, importance, divisors):
            row = [x**j for j in range(top + 1)] + [-y * x**j for j in range(1, bottom + 1)]
            scale = weight / (y * q) ** 2
            for i in range(size):
                right[i] += scale * row[i] * y
                for j in range(size):
                    matrix[i, j] += scale * row[i] * row[j]
        solution = list(mp.lu_solve(matrix, right))
        p, q = solution[: top + 1], [mpf(1), *solution[top + 1 :]]
        divisors = [value(q, x) for x in xs]
        errors = [fabs(value(p, x) / (d * y) - 1) for x, y, d in zip(xs, ys, divisors)]
        if best is None or max(errors) < best[2]:
            best = p, q, max(errors)
        importance = [weight * error for weight, error in zip(importance, errors)]
        importance = [weight / sum(importance) for weight in importance]
    return best


def exp_tail(x):
    return (exp(x) - 1 - x) / x**2 if fabs(x) > SMALL else mpf(1) / 2


def exp2m1(x):
    return mpmath.expm1(x * log(2)) / x if fabs(x) > SMALL else log(mpf(2))


def log_tail(z):
    s = sqrt(z)
    return (2 * mpmath.atanh(s) / s - 2) / z if z > SMALL else mpf(2) / 3


def sinh_tail(z):
    x = sqrt(z)
    return (sinh(x) - x) / x**3 if z > SMALL else mpf(1) / 6


def erf_over_x(z):
    x = sqrt(z)
    return erf(x) / x if z > SMALL else 2 / sqrt(pi)


def erfinv_over_y(w):
    if w < SMALL:
        return sqrt(pi) / 2
    y = sqrt(-mpmath.expm1(-w))
    rest = 1 - y
    x = sqrt(-log(rest)) if y > 0.5 else y
    step = x
    while fabs(step) > mpf(10) ** -45:
        error = erf(x) - y if y < 0.5 else rest - erfc(x)
        step = error * sqrt(pi) / 2 * exp(x * x)
        x -= step / (1 + x * step)
    return x / y


HALF_LN2 = log(mpf(2)) / 2 * mpf("1.0005")
# s^2 at the ends of [sqrt(1/2), sqrt(2)].
LOG_END = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1) * mpf("1.0001")) ** 2

FITS = {
    "exp.ts EXP": lambda: minimax(exp_tail, -HALF_LN2, HALF_LN2, 4, lambda x: x**2 / exp(x)),
    "short.ts EXP2M1": lambda: minimax(exp2m1, -0.5003, 0.5003, 5, lambda x: 1 / exp2m1(x)),
    "log.ts, short.ts LOG": lambda: minimax(log_tail, 0, LOG_END, 2, lambda z: z / 2),
    "log64.ts LOG": lambda: minimax(log_tail, 0, LOG_END, 6, lambda z: z / 2),
    "hyperbolic64.ts SINH": lambda: minimax(sinh_tail, 0, "1.0001", 6, lambda z: z),
    "erf.ts ERF": lambda: rational(erf_over_x, 0, mpf("3.93") ** 2, 6, 5),
    "erf.ts ERFCX": lambda: rational(lambda x: exp(x * x) * erfc(x), 0, "10.2", 4, 5, 25, 200),
    "erf.ts ERFINV": lambda: rational(erfinv_over_y, 0, "16.7", 6, 5, 25, 120),
    "erf.ts ERFINV_FAR": lambda: rational(erfinv_over_y, 0, "36.8", 7, 7, 25, 120),
}


def main():
    for name in sys.argv[1:] or FITS:
        *parts, error = FITS[name]()
        print(f"{name}: 2^{float(log(error, 2)):.2f}")
        for part in parts:
            print("  " + ", ".join(repr(float(c)) for c in part))


if __name__ == "__main__":
    main()
