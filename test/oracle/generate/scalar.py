"""Arithmetic, rounding, comparisons, logic, where, clip and cast: values by NumPy, derivatives by PyTorch.

NumPy promotes otherwise (int32 with float32 is float64 there): operands are converted to Cotangent's common dtype first.
pow and atan2 are computed by mpmath, casts from floating to integer by JAX (toward zero, clamped, NaN to 0).
"""

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import torch

from common import DTYPES, FLOATS, INTEGERS, NUMERIC, File, array, floating, inf, nan, name_of, promote, rounded, sample

jax.config.update("jax_enable_x64", True)

SPECIAL = [nan, inf, -inf, -0.0, 0.0, 1.5, -2.5]


def special_pairs(dtype):
    """Every pair of special values."""
    grid = [(x, y) for x in SPECIAL for y in SPECIAL]
    return array([x for x, _ in grid], dtype), array([y for _, y in grid], dtype)


def weak(number, dtype):
    """The dtype of an operation of a tensor and a JavaScript number."""
    if dtype in FLOATS:
        return dtype
    if isinstance(number, float):
        return "float32"
    return "int32" if dtype == "bool" else dtype


# -- one operand ----------------------------------------------------------------------------------------------------


def unary(file):
    plain = {"neg": (np.negative, torch.neg), "abs": (np.abs, torch.abs), "sign": (np.sign, torch.sign),
             "square": (np.square, torch.square)}
    for name, (fn, torch_fn) in plain.items():
        for dtype in NUMERIC:
            low = -9
            shapes = [(2, 3), (), (1, 1), (0, 3), (2, 1, 4)]
            for shape in shapes:
                x = sample(dtype, shape, low, 9, key=name)
                file.add(name, dtype, [x], fn(x), fn=torch_fn, out_dtype=dtype, gtol={"eps": 1})
            if dtype in FLOATS:
                x = array([*SPECIAL, 1e-30, 3e38], dtype)
                # Math.sign, JAX and StableHLO keep the sign of a zero; NumPy and PyTorch drop it.
                file.add(name, dtype, [x], np.asarray(jnp.sign(x)) if name == "sign" else fn(x))
            elif dtype == "int32":
                x = array([-(2**31), 2**31 - 1, 65536, -65537, 0], dtype)
                file.add(name, dtype, [x], fn(x), note="integers wrap modulo 2^32")
            else:
                x = array([2**32 - 1, 2**31, 65537, 0], dtype)
                out = np.minimum(x, 1).astype(np.uint32) if name == "sign" else fn(x)
                file.add(name, dtype, [x], out, note="integers wrap modulo 2^32")
    zero = {"float32": np.zeros(3, np.float32), "float64": np.zeros(3)}
    for dtype in FLOATS:
        file.add("abs", dtype, [zero[dtype]], zero[dtype], fn=torch.abs, note="the derivative at 0 is 0")
        file.add("relu", dtype, [array([0.0, -0.0, 1.0], dtype)], array([0, 0, 1], dtype), fn=torch.relu,
                 note="the derivative at 0 is 0")

    rounding = {"floor": (np.floor, torch.floor), "ceil": (np.ceil, torch.ceil), "round": (np.round, torch.round),
                "trunc": (np.trunc, torch.trunc)}
    halves = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999997, -0.2, 0.2, 7.0, -7.0, 1e9 + 0.5, 4503599627370497.5]
    for name, (fn, torch_fn) in rounding.items():
        for dtype in DTYPES:
            for shape in [(2, 3), (), (0, 2), (1, 3)]:
                x = sample(dtype, shape, -9, 9, key=name)
                out = fn(x) if dtype in FLOATS else x
                file.add(name, dtype, [x], out, fn=torch_fn if dtype in FLOATS else None)
            if dtype in FLOATS:
                x = array([*SPECIAL, *halves], dtype)
                file.add(name, dtype, [x], fn(x))

    for dtype in DTYPES:
        for shape in [(2, 3), (), (0, 2), (1, 3)]:
            x = sample(dtype, shape, -9, 9, key="isNaN")
            file.add("isNaN", dtype, [x], np.isnan(x.astype(np.float64)))
        if dtype in FLOATS:
            file.add("isNaN", dtype, [array(SPECIAL, dtype)], np.isnan(array(SPECIAL, dtype)))

    for dtype in DTYPES:
        for shape in [(2, 3), (), (0, 2), (3, 1, 2)]:
            x = sample(dtype, shape, -9, 9, key="relu")
            # Integers: bool counts as int32.
            kind = "int32" if dtype == "bool" else dtype
            file.add("relu", dtype, [x], np.maximum(x.astype(DTYPES[kind]), 0), out_dtype=kind,
                     fn=torch.relu if dtype in FLOATS else None)
        if dtype in FLOATS:
            x = array([nan, inf, -inf, 1e-30, -1e-30], dtype)
            file.add("relu", dtype, [x], np.where(x <= 0, DTYPES[dtype](0), x))


# -- two operands ---------------------------------------------------------------------------------------------------


def exact_power(x, y):
    def one(a, b):
        with np.errstate(all="ignore"):
            ieee = float(np.float64(a) ** np.float64(b))
        if np.isfinite(ieee) and ieee != 0 and a != 0 and np.isfinite(a) and np.isfinite(b):
            return rounded(mp.power(mp.mpf(float(a)), mp.mpf(float(b))).real)
        return ieee

    return elementwise(one, x, y)


def exact_angle(y, x):
    def one(a, b):
        ieee = float(np.arctan2(np.float64(a), np.float64(b)))
        if a != 0 and b != 0 and np.isfinite(a) and np.isfinite(b):
            return rounded(mp.atan2(mp.mpf(float(a)), mp.mpf(float(b))))
        return ieee

    return elementwise(one, y, x)


def elementwise(one, x, y):
    x, y = np.broadcast_arrays(x, y)
    return np.array([one(a, b) for a, b in zip(x.ravel(), y.ravel())], np.float64).reshape(x.shape)


def torch_mod(x, y):
    return x - y * torch.floor(x / y).detach()


# name: value in the common dtype, PyTorch, dtypes, whether the result is floating, ranges of both, ulps of the value
BINARY = {
    "add": (np.add, torch.add, NUMERIC, False, (-9, 9), (-9, 9), 0),
    "sub": (np.subtract, torch.sub, NUMERIC, False, (-9, 9), (-9, 9), 0),
    "mul": (np.multiply, torch.mul, NUMERIC, False, (-9, 9), (-9, 9), 0),
    "mod": (np.mod, torch_mod, NUMERIC, False, (-9, 9), (1, 4), 0),
    "maximum": (np.maximum, torch.maximum, NUMERIC, False, (-9, 9), (-9, 9), 0),
    "minimum": (np.minimum, torch.minimum, NUMERIC, False, (-9, 9), (-9, 9), 0),
    "div": (np.divide, torch.div, DTYPES, True, (-9, 9), (1, 4), 0),
    "pow": (exact_power, torch.pow, DTYPES, True, (1, 5), (-2, 3), 1),
    "atan2": (exact_angle, torch.atan2, DTYPES, True, (-9, 9), (1, 4), 1),
}
COMPARISONS = {
    "equal": np.equal,
    "notEqual": np.not_equal,
    "less": np.less,
    "lessEqual": np.less_equal,
    "greater": np.greater,
    "greaterEqual": np.greater_equal,
}


def binary_case(file, name, dtype, x, y, note=None, fn=True, tol=None, **rest):
    """One case; x and y are arrays or JavaScript numbers."""
    value, torch_fn, _, is_floating, _, _, ulps = BINARY[name]
    kinds = [name_of(z) for z in (x, y) if isinstance(z, (np.ndarray, np.generic))]
    common = promote(*kinds)
    for z in (x, y):
        if not isinstance(z, (np.ndarray, np.generic)):
            common = promote(common, weak(z, common))
    if is_floating:
        common = floating(common)
    own = lambda z: np.asarray(z).astype(DTYPES[common])
    out = np.asarray(value(own(x), own(y))).astype(DTYPES[common])
    call = None
    if fn and common in FLOATS:
        if not isinstance(x, (np.ndarray, np.generic)):
            call = lambda b: torch_fn(torch.tensor(float(own(x)), dtype=torch.float64), b)
        elif not isinstance(y, (np.ndarray, np.generic)):
            call = lambda a: torch_fn(a, torch.tensor(float(own(y)), dtype=torch.float64))
        else:
            call = torch_fn
    if ulps and tol is None:
        tol = {"ulp": ulps if common == "float32" else 2}
    gtol = rest.pop("gtol", {"eps": 16 if name in ("pow", "atan2") else 4})
    file.add(name, dtype, [x, y], out, out_dtype=common, fn=call, tol=tol, gtol=gtol, mix=True, note=note, **rest)


def binary(file):
    for name, (_, _, accepted, _, left, right, _) in BINARY.items():
        for dtype in DTYPES:
            x = lambda shape, kind=dtype: sample(kind, shape, *left, key=(name, "x"))
            y = lambda shape, kind=dtype: sample(kind, shape, *right, key=(name, "y"))
            if dtype in accepted:
                binary_case(file, name, dtype, x((2, 3)), y((2, 3)))
                binary_case(file, name, dtype, x((2, 1, 3)), y((4, 1)))
                binary_case(file, name, dtype, x(()), y((3,)))
                binary_case(file, name, dtype, x((2, 2)), 2)
                binary_case(file, name, dtype, 3, y((1, 1)))
                binary_case(file, name, dtype, x((0, 3)), y((1, 3)))
            binary_case(file, name, dtype, x((3,)), 2.5, note="a fractional number with integers gives float32")
            for other in DTYPES:
                if other != dtype and (dtype in accepted or other in accepted):
                    binary_case(file, name, dtype, x((2,)), y((3, 1), other), note="promotion")
            if dtype in FLOATS:
                pair = special_pairs(dtype)
                if name in ("maximum", "minimum"):
                    keep = ~((pair[0] == 0) & (pair[1] == 0))
                    pair = pair[0][keep], pair[1][keep]
                binary_case(file, name, dtype, *pair, fn=False)
    integers = {
        "int32": ([2**31 - 1, -(2**31), 123456789, -7, 7, -7, 0], [1, -1, 1000003, 3, -3, -3, 0]),
        "uint32": ([2**32 - 1, 0, 3123456789, 7, 5, 6, 0], [1, 1, 4000000007, 3, 10, 4, 0]),
    }
    for dtype, (left, right) in integers.items():
        for name in ("add", "sub", "mul", "mod", "maximum", "minimum"):
            binary_case(file, name, dtype, array(left, dtype), array(right, dtype), note="integers wrap modulo 2^32")
        binary_case(file, "div", dtype, array(left, dtype), array(right, dtype), note="division by 0 is IEEE 754's")
    mixed = (array([2**32 - 1, 2**31, 5], "uint32"), array([1, 2, -6], "int32"))
    for name in ("add", "mul", "maximum"):
        binary_case(file, name, "uint32", *mixed, note="int32 with uint32 is int32: large values wrap")
    for dtype in FLOATS:
        ties = array([1.0, -2.0, 0.0, 3.0], dtype)
        for name in ("maximum", "minimum"):
            binary_case(file, name, dtype, ties, ties.copy(), note="a tie gives each side one half")
        large = array([1e38, -1e-38, 3e38, 1e-30] if dtype == "float32" else [1e308, -1e-308, 1.7e308, 1e-300], dtype)
        for name in ("add", "sub", "mul", "div"):
            binary_case(file, name, dtype, large, large[::-1].copy(), fn=False, note="overflow and underflow")
        binary_case(file, "mod", dtype, array([7, -7, 7, -7, 5.5, -0.3, 1e-20], dtype),
                    array([3, 3, -3, -3, -2.5, 0.1, -1], dtype), fn=False, note="the divisor's sign")
        for power in (-2, -1, -0.5, 0, 0.5, 1, 2, 3, 4):
            binary_case(file, "pow", dtype, sample(dtype, (4,), 0.5, 3, key=power), power, note="a literal exponent")
        binary_case(file, "pow", dtype, array([-2.0, -0.5, -3.0], dtype), 3, note="a negative base")
        edges(file, dtype)


def edges(file, dtype):
    """d(x^p)/dx at 0 is 0 for p > 1 and 1 for p = 1; d(x^p)/dp at x = 0 is 0 for p > 0."""

    def derivatives(ct, _):
        base = np.array([0.0, 0.0, 0.0, 0.0])
        exponent = np.array([2.0, 1.0, 3.0, 1.5])
        first = np.where(exponent == 1, 1.0, 0.0) * ct
        return [first, np.zeros_like(base)], None

    file.add("pow", dtype, [array([0, 0, 0, 0], dtype), array([2, 1, 3, 1.5], dtype)], array([0, 0, 0, 0], dtype),
             fn=torch.pow, grads=derivatives, second=False, gtol={"eps": 4},
             note="at 0: 0 for exponents above 1, 1 for exponent 1; by the exponent 0")
    file.add("pow", dtype, [array([1.0, 1.0, -1.0, -1.0, 2.0, 0.0, 0.0], dtype),
                            array([nan, inf, inf, -inf, -inf, 0.0, -1.0], dtype)],
             array([1, 1, 1, 1, 0, 1, inf], dtype), note="IEEE 754")
    file.add("atan2", dtype, [array([0.0, -0.0, 0.0, -0.0, 1, -1], dtype), array([1, 1, -1, -1, 0, 0], dtype)],
             np.arctan2(np.array([0.0, -0.0, 0.0, -0.0, 1, -1]), [1, 1, -1, -1, 0, 0]).astype(DTYPES[dtype]),
             tol={"ulp": 1}, note="the cut along the negative axis")


def comparisons(file):
    for name, fn in COMPARISONS.items():
        for dtype in DTYPES:
            x = lambda shape, kind=dtype: sample(kind, shape, -2, 2, key=(name, "x"), digits=0)
            y = lambda shape, kind=dtype: sample(kind, shape, -2, 2, key=(name, "y"), digits=0)
            file.add(name, dtype, [x((2, 3)), y((2, 3))], fn(x((2, 3)), y((2, 3))))
            file.add(name, dtype, [x((2, 1, 3)), y((4, 1))], fn(x((2, 1, 3)), y((4, 1))))
            file.add(name, dtype, [x((2, 2)), 1], fn(x((2, 2)), 1))
            file.add(name, dtype, [x((0, 3)), y((1, 3))], fn(x((0, 3)), y((1, 3))))
            for other in DTYPES:
                if other != dtype:
                    common = DTYPES[promote(dtype, other)]
                    a, b = x((3,)), y((3,), other)
                    file.add(name, dtype, [a, b], fn(a.astype(common), b.astype(common)), note="promotion")
            if dtype in FLOATS:
                pair = special_pairs(dtype)
                file.add(name, dtype, [*pair], fn(*pair))
            if dtype == "uint32":
                a, b = array([2**32 - 1, 0, 2**31], dtype), array([0, 2**32 - 1, 2**31 - 1], dtype)
                file.add(name, dtype, [a, b], fn(a, b))


def logic(file):
    binary_ops = {"logicalAnd": np.logical_and, "logicalOr": np.logical_or, "logicalXor": np.logical_xor}
    pairs = [((2, 3), (2, 3)), ((2, 1), (3,)), ((), (4,)), ((0, 2), (1, 2)), ((1,), (1,))]
    for name, fn in binary_ops.items():
        for i, (left, right) in enumerate(pairs):
            x, y = sample("bool", left, key=(name, i, 0)), sample("bool", right, key=(name, i, 1))
            file.add(name, "bool", [x, y], fn(x, y))
    for shape in [(2, 3), (), (0, 2), (1, 1)]:
        x = sample("bool", shape, key="not")
        file.add("logicalNot", "bool", [x], np.logical_not(x))


def choice(file):
    shapes = [((2, 3), (2, 3), (2, 3)), ((2, 1), (3,), ()), ((), (2, 2), (1, 2)), ((0, 1), (0, 3), (3,))]
    for dtype in DTYPES:
        for i, (c, a, b) in enumerate(shapes):
            mask = sample("bool", c, key=("where", i))
            x, y = sample(dtype, a, -9, 9, key=("x", i)), sample(dtype, b, -9, 9, key=("y", i))
            file.add("where", dtype, [mask, x, y], np.where(mask, x, y), out_dtype=dtype,
                     fn=lambda m, p, q: torch.where(m.bool(), p, q), gtol={"eps": 2}, mix=True)
        mask, x = array([True, False, True], "bool"), sample(dtype, (3,), -9, 9, key="w")
        file.add("where", dtype, [mask, x, 2], np.where(mask, x, 2), out_dtype=weak(2, dtype), note="a weak number")
        for other in DTYPES:
            if other != dtype:
                y = sample(other, (3,), -9, 9, key="z")
                common = promote(dtype, other)
                own = [z.astype(DTYPES[common]) for z in (x, y)]
                file.add("where", dtype, [mask, x, y], np.where(mask, *own), out_dtype=common, note="promotion",
                         fn=(lambda m, p, q: torch.where(m.bool(), p, q)) if common in FLOATS else None)
        if dtype in FLOATS:
            x = array([1.0, nan, inf, -2.0], dtype)
            mask = array([True, False, False, True], "bool")
            y = array([nan, 1.0, 2.0, inf], dtype)
            file.add("where", dtype, [mask, x, y], np.where(mask, x, y),
                     fn=lambda m, p, q: torch.where(m.bool(), p, q), note="what is not chosen has no influence")


def torch_clip(x, low, high):
    return torch.clamp(x, min=low, max=high)


def clips(file):
    clip = lambda x, low, high: np.minimum(np.maximum(x, low), high)
    for dtype in DTYPES:
        if dtype == "bool":
            for shape in [(3,), (2, 2), (), (0, 1)]:
                x = sample(dtype, shape, key=("clip", shape))
                low, high = array(False, "bool"), array(shape != (2, 2), "bool")
                file.add("clip", dtype, [x, low, high], clip(x, low, high))
            continue
        low, high = (2, 6) if dtype == "uint32" else (-2, 3)
        for shape in [(2, 3), (), (0, 2), (1, 4)]:
            x = sample(dtype, shape, -9, 9, key="clip")
            file.add("clip", dtype, [x, low, high], clip(x, low, high).astype(x.dtype),
                     fn=(lambda p: torch.clamp(p, low, high)) if dtype in FLOATS else None)
        x = sample(dtype, (2, 3), -9, 9, key="clipb")
        a, b = sample(dtype, (3,), -4, 2, key="low"), sample(dtype, (2, 1), 3, 6, key="high")
        file.add("clip", dtype, [x, a, b], clip(x, a, b), fn=torch_clip if dtype in FLOATS else None,
                 gtol={"eps": 2}, mix=True, note="bounds that broadcast")
        file.add("clip", dtype, [x, high, low], clip(x, high, low).astype(x.dtype), note="low above high gives high")
        if dtype in FLOATS:
            file.add("clip", dtype, [array([-2, 3, -2, 3, 0], dtype), low, high], array([-2, 3, -2, 3, 0], dtype),
                     fn=lambda p: torch.clamp(p, low, high), note="the derivative at the bounds is 1, as in PyTorch")
            file.add("clip", dtype, [array([nan, inf, -inf, -0.0], dtype), low, high], array([nan, 3, -2, -0.0], dtype))
            file.add("clip", dtype, [array([1.5, -9, 9], dtype), nan, high], array([1.5, -9, 3], dtype),
                     note="a bound that is NaN is none (NumPy, PyTorch and JAX: NaN)")


def casts(file):
    floats = [nan, inf, -inf, -0.0, 0.0, 0.4, 0.6, -0.6, 1.5, -1.5, 2.5, 255.9, 2147483647.0, 2147483648.0,
              -2147483648.0, -2147483904.0, 4294967295.0, 4294967296.0, 1e20, -1e20, 1e-30]
    values = {
        "bool": [0, 1, 1, 0],
        "int32": [0, 1, -1, 255, 2**31 - 1, -(2**31), 16777217],
        "uint32": [0, 1, 255, 2**31, 2**32 - 1, 16777217],
        "float32": floats,
        "float64": [*floats, 0.1, 1e300, 1e-300, 16777217.0, 1 + 2.0**-24],
    }
    for source in DTYPES:
        for target in DTYPES:
            x = array(values[source], source)
            if source in FLOATS and target in INTEGERS:
                out = np.asarray(jnp.asarray(x).astype(DTYPES[target]))
            else:
                out = x.astype(DTYPES[target])
            file.add("cast", source, [x, target], out)
            for shape in [(2, 3), (), (0, 2)]:
                y = sample(source, shape, 0, 9, key=("cast", target))
                both = source in FLOATS and target in FLOATS
                file.add("cast", source, [y, target], y.astype(DTYPES[target]),
                         fn=(lambda z: z * 1) if both else None, check=1e-6)


def stops(file):
    for dtype in DTYPES:
        for shape in [(2, 3), (), (0, 2), (1, 1)]:
            x = sample(dtype, shape, -9, 9, key="stop")
            file.add("stopGradient", dtype, [x], x, fn=(lambda z: z.detach() + 0 * z.detach()) if dtype in FLOATS else None)


def main():
    file = File("scalar")
    for part in (unary, binary, comparisons, logic, choice, clips, casts, stops):
        part(file)
    file.write()


if __name__ == "__main__":
    main()
