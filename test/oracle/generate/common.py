"""What all generators share: how a case is written down, and where its derivatives come from.

A case is one call of an operation: its arguments, the expected value and, where the operation has derivatives, a
cotangent with the expected gradients, and directions with the expected second derivatives:

    value    y = op(x1, x2 ...)
    grads    g_i = d <ct, y> / d x_i
    second   h_i = d (sum_j <u_j, g_j>) / d x_i

Derivatives are computed by PyTorch in float64 and rounded to the dtype of the argument. The inputs are those of the
case's own dtype, so that a float32 case is compared with what exact arithmetic would give.
"""

import json
import math
import os
import warnings
import zlib
from fractions import Fraction

import mpmath
import numpy as np
import torch

mpmath.mp.dps = 60
torch.set_num_threads(1)
np.seterr(all="ignore")
warnings.filterwarnings("ignore", category=RuntimeWarning)

CASES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cases")

DTYPES = {
    "bool": np.bool_,
    "uint32": np.uint32,
    "int32": np.int32,
    "float32": np.float32,
    "float64": np.float64,
}
RANK = {name: rank for rank, name in enumerate(DTYPES)}
FLOATS = ("float32", "float64")
INTEGERS = ("uint32", "int32")
NUMERIC = ("uint32", "int32", "float32", "float64")

nan, inf = math.nan, math.inf


def promote(*names):
    """Cotangent's promotion: bool < uint32 < int32 < float32 < float64."""
    return max(names, key=RANK.__getitem__)


def floating(name):
    return name if name in FLOATS else "float32"


def array(values, dtype):
    return np.array(values, dtype=DTYPES[dtype])


def name_of(x):
    return next(name for name, dtype in DTYPES.items() if x.dtype == dtype)


def rng(*key):
    return np.random.default_rng(zlib.crc32(repr(key).encode()))


def sample(dtype, shape, low=-3.0, high=3.0, key=(), digits=4):
    """Values of a dtype between low and high; few decimal digits keep the files small."""
    source = rng("sample", dtype, tuple(shape), low, high, key)
    if dtype == "bool":
        return np.asarray(source.integers(0, 2, shape)).astype(np.bool_)
    if dtype in INTEGERS:
        bottom = max(low, 0) if dtype == "uint32" else low
        return np.asarray(source.integers(math.ceil(bottom), math.floor(high) + 1, shape)).astype(DTYPES[dtype])
    return np.asarray(np.round(source.uniform(low, high, shape), digits)).astype(DTYPES[dtype])


def quarters(shape, key):
    """Cotangents and directions: multiples of 1/4, none of them 0."""
    values = rng("quarters", tuple(shape), key).integers(1, 9, shape) / 4.0
    signs = rng("signs", tuple(shape), key).integers(0, 2, shape) * 2 - 1
    return values * signs


def number(value):
    """A JSON number, or a string for what JSON cannot say."""
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    x = float(value)
    if math.isnan(x):
        return "nan"
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    if x == 0:
        return "-0" if math.copysign(1, x) < 0 else 0
    if isinstance(value, np.float32):
        x = float(np.format_float_scientific(value, unique=True, trim="0"))
    return int(x) if x.is_integer() and abs(x) < 2**53 else x


def flat(x):
    return [number(value) for value in np.asarray(x).ravel()]


def tensor_json(x):
    return {"dtype": name_of(x), "shape": list(x.shape), "data": flat(x)}


def argument_json(arg):
    if isinstance(arg, np.ndarray):
        return tensor_json(arg)
    if isinstance(arg, (list, tuple)):
        return [argument_json(item) for item in arg]
    if isinstance(arg, dict):
        return {key: argument_json(item) for key, item in arg.items()}
    if isinstance(arg, float) and isinstance(number(arg), str):
        return {"number": number(arg)}
    if isinstance(arg, float):
        return number(arg)
    return arg


def tensors_in(arg):
    if isinstance(arg, np.ndarray):
        return [arg]
    if isinstance(arg, dict):
        return [x for item in arg.values() for x in tensors_in(item)]
    if isinstance(arg, (list, tuple)):
        return [x for item in arg for x in tensors_in(item)]
    return []


def derive(fn, inputs, wrt, ct, directions):
    """Value, gradients and second derivatives of fn by PyTorch in float64. `fn` takes one tensor for each input."""
    xs = [torch.tensor(np.asarray(x, dtype=np.float64), requires_grad=i in wrt) for i, x in enumerate(inputs)]
    y = fn(*xs)
    if ct is None:
        return y.detach().numpy(), None, None
    chosen = [xs[i] for i in wrt]
    zeros = lambda found: [torch.zeros_like(x) if g is None else g for g, x in zip(found, chosen)]
    if not y.requires_grad:
        return y.detach().numpy(), [np.zeros(x.shape) for x in chosen], [np.zeros(x.shape) for x in chosen]
    grads = zeros(torch.autograd.grad(y, chosen, torch.tensor(ct), create_graph=True, allow_unused=True))
    second = None
    if directions is not None:
        total = sum((g * torch.tensor(u)).sum() for g, u in zip(grads, directions))
        found = (
            torch.autograd.grad(total, chosen, allow_unused=True) if total.requires_grad else [None] * len(chosen)
        )
        second = [g.detach().numpy(force=True) for g in zeros(found)]
    return y.detach().numpy(), [g.detach().numpy(force=True) for g in grads], second


def rounded(x):
    """An mpmath number as the nearest float64, subnormal numbers and infinity included."""
    x = mpmath.mpf(x)
    if mpmath.isnan(x):
        return nan
    if mpmath.isinf(x):
        return inf if x > 0 else -inf
    man, exp = x.man_exp  # without the sign
    sign = -1.0 if x < 0 else 1.0
    top = int(man).bit_length() + exp
    if top > 1025 or top < -1100:
        return sign * (inf if top > 0 else 0.0)
    try:
        return sign * float(Fraction(int(man)) * Fraction(2) ** int(exp))
    except OverflowError:
        return sign * inf


def agree(left, right, rtol, atol=1e-300):
    left, right = np.asarray(left, np.float64), np.asarray(right, np.float64)
    close = np.isclose(left, right, rtol=rtol, atol=atol, equal_nan=True)
    return bool(np.all(close | (left == right)))


class File:
    """The cases of one JSON file, one on a line."""

    def __init__(self, name):
        self.name = name
        self.cases = []

    def add(
        self,
        op,
        dtype,
        args,
        out=None,
        *,
        out_dtype=None,
        fn=None,
        second=True,
        tol=None,
        gtol=None,
        mix=False,
        grads=None,
        second_values=None,
        note=None,
        check=1e-9,
    ):
        """One case.

        out           the expected value (NumPy's); without it, PyTorch's value of `fn`
        fn            the operation in PyTorch, of the tensors among the arguments; its value must agree with `out`
        tol, gtol     tolerances of the value and of derivatives; exact without (see the README)
        mix           derivatives are sums: their tolerance is relative to the largest element (of second derivatives,
                      or of gradients)
        grads, second_values   known derivatives, where PyTorch's are not what is wanted; `note` says why
        """
        args = [np.asarray(arg) if isinstance(arg, np.generic) else arg for arg in args]
        inputs = tensors_in(args)
        wrt = [i for i, x in enumerate(inputs) if name_of(x) in FLOATS]
        case = {"op": op, "dtype": dtype, "args": [argument_json(arg) for arg in args]}
        key = (op, len(self.cases))
        value, found, found_second, ct, directions = None, grads, second_values, None, None
        target = out_dtype or name_of(np.asarray(out))
        if out is not None and (not wrt or target not in FLOATS):
            fn = None
        if fn is not None:
            value, _, _ = derive(fn, inputs, [], None, None)
        if out is None:
            out = value.astype(DTYPES[target])
        elif value is not None and not agree(value, out, check if target == "float64" else 1e-6, 1e-12):
            raise AssertionError(f"{op} {case['args']}: two oracles disagree: {value} and {out}")
        out = np.asarray(out).astype(DTYPES[target])
        case["out"] = tensor_json(out)
        if fn is not None and wrt and target in FLOATS or grads is not None:
            ct = quarters(out.shape, key)
            directions = [quarters(inputs[i].shape, (key, i)) for i in wrt] if second else None
            if grads is None:
                _, found, found_second = derive(fn, inputs, wrt, ct, directions)
            elif callable(grads):
                found, found_second = grads(ct, directions)
                if fn is not None:
                    _, theirs, theirs_second = derive(fn, inputs, wrt, ct, directions)
                    for ours, other in [*zip(found, theirs), *zip(found_second or [], theirs_second or [])]:
                        if not agree(ours, other, 1e-6, 1e-9):
                            raise AssertionError(f"{op} {case['args']}: derivatives disagree: {ours} and {other}")
            as_own = lambda list_: [flat(np.asarray(g).astype(inputs[i].dtype)) for g, i in zip(list_, wrt)]
            case["ct"] = flat(ct)
            case["grads"] = as_own(found)
            if second and found_second is not None:
                case["u"] = [flat(u) for u in directions]
                case["second"] = as_own(found_second)
            if gtol is not None:
                largest = lambda list_: [
                    float(np.max(np.abs(g), initial=0, where=np.isfinite(g))) for g in (np.asarray(x) for x in list_)
                ]
                case["gtol"] = dict(gtol)
                if mix:
                    case["gtol"]["scale"] = [float(f"{s:.3g}") for s in largest(found)]
                    if "second" in case:
                        both = [max(pair) for pair in zip(largest(found), largest(found_second))]
                        case["gtol"]["scale2"] = [float(f"{s:.3g}") for s in both]
        if tol is not None:
            case["tol"] = {
                k: flat([float(f"{s:.3g}") for s in np.asarray(v).ravel()]) if isinstance(v, np.ndarray) else v
                for k, v in tol.items()
            }
        if note is not None:
            case["note"] = note
        self.cases.append(case)

    def write(self):
        os.makedirs(CASES, exist_ok=True)
        lines = [json.dumps(case, separators=(",", ":"), allow_nan=False) for case in self.cases]
        path = os.path.join(CASES, f"{self.name}.json")
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write("[\n" + ",\n".join(lines) + "\n]\n")
        print(f"{self.name}: {len(self.cases)} cases, {os.path.getsize(path) / 1024:.0f} KB")
