"""
Float64 results of elementary functions, from mpmath: `python generate.py [--count N] [--out DIR] [name ...]`.

Each function has a file of records, little endian: the arguments, the correctly rounded result (float64 each), and how
far the exact result lies above it, in units of 2^-15 of the result's unit in the last place (int16).
"""

import argparse
import random
import struct
import sys
from fractions import Fraction
from pathlib import Path

import mpmath
from mpmath import mpf

from functions import FUNCTIONS

# Bits enough for arguments up to 2^1024, in trigonometric functions too, and for quotients of any two in mod.
PRECISION = 2300
CHEAP = {"erf", "erfc", "erfinv", "lgamma", "polygamma0", "polygamma1", "polygamma2", "polygamma5"}


def to_bits(x):
    return struct.unpack("<q", struct.pack("<d", abs(x)))[0]


def from_bits(bits):
    return struct.unpack("<d", struct.pack("<q", bits))[0]


def between(rng, low, high):
    """A number whose bit pattern is evenly distributed between those of two numbers of the same sign."""
    sign = -1 if low < 0 else 1
    ends = sorted((to_bits(low), to_bits(high)))
    return sign * from_bits(rng.randint(*ends))


def draw(rng, function, argument):
    """One number for an argument; functions of several have a list of intervals for each."""
    even, magnitudes = function.even, function.magnitudes
    if function.arity > 1:
        even, magnitudes = even[argument], magnitudes[argument]
    choices = [(True, interval) for interval in even] + [(False, interval) for interval in magnitudes]
    evenly, (low, high) = rng.choice(choices)
    return rng.uniform(low, high) if evenly else between(rng, low, high)


def exact(value):
    """A finite mpf as a fraction."""
    sign, mantissa, exponent, _ = value._mpf_
    scaled = Fraction(int(mantissa)) * Fraction(2) ** exponent
    return -scaled if sign else scaled


def record(arguments, value):
    """The bytes of one case, or None where the result is no finite number's neighbour."""
    if not mpmath.isfinite(value):
        return None
    fraction = exact(value)
    try:
        rounded = fraction.numerator / fraction.denominator
    except OverflowError:
        rounded = float("inf") if fraction > 0 else float("-inf")
    above = 0
    if abs(rounded) != float("inf"):
        unit = Fraction(2) ** (max(mpmath.frexp(rounded)[1] - 1, -1022) - 52) if rounded else Fraction(2) ** -1074
        above = max(-32767, min(32767, round((fraction - Fraction(rounded)) / unit * 32768)))
    return struct.pack(f"<{len(arguments) + 1}dh", *arguments, rounded, above)


def generate(name, count):
    function = FUNCTIONS[name]
    rng = random.Random(name)
    mpmath.mp.prec = 200 if name in CHEAP else PRECISION
    records = []
    for point in function.points:
        arguments = point if function.arity > 1 else (point,)
        records.append(arguments)
    while len(records) < count:
        records.append(tuple(draw(rng, function, i) for i in range(function.arity)))
    out = (record(arguments, function.value(*map(mpf, arguments))) for arguments in records)
    return b"".join(one for one in out if one is not None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--count", type=int, default=1600)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "cases")
    options = parser.parse_args()
    options.out.mkdir(exist_ok=True)
    for name in options.names or FUNCTIONS:
        data = generate(name, options.count)
        (options.out / f"{name}.bin").write_bytes(data)
        print(f"{name}: {len(data)} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
