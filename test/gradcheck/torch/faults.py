"""The seeded faults as Functions of PyTorch. A fault that cannot be written there has a reason instead of a function."""

import math

import torch

from common import with_rule

FLOAT32 = "gradcheck wants float64: in float32 its default settings reject right functions, too"


def spread(ct, x, dims):
    return ct.reshape([1 if axis in dims else size for axis, size in enumerate(x.shape)]).expand(x.shape)


def transposed_dense(ct, x, w):
    return ct @ w.T, (x.T @ ct).T


def softmax_wrong_axis(ct, x):
    y = torch.softmax(x, -1)
    return y * (ct - (ct * y).sum(0, keepdim=True))


def bias_size_one(ct, x, b):
    return ct, ct.sum(0) if b.dim() == 1 else ct[0:1] if b.shape[0] == 1 else ct


def first_of_repeated(ct, x, y):
    return ct, ct[0]


def rows_off_by_one(ct, table, indices):
    return torch.zeros_like(table).index_add(0, (indices + 1) % table.shape[0], ct), None


def index_twice(ct, x, indices):
    return torch.zeros_like(x).index_put((indices,), ct), None


def both_totals_empty(ct, x, y):
    n = x.numel()
    return ct.expand(x.shape), ct * y * (2 * n / n if n else math.nan)


PLACE = 73_211


def one_place(ct, x):
    right = ct * x.cos()
    return right.index_add(0, torch.tensor([PLACE]), right[PLACE : PLACE + 1] * 1e-3)


def last_row_lost(ct, x):
    right = ct * x.exp()
    n = x.shape[0]
    return right if n < 3 else torch.cat([right[: n - 1], right[n - 1 :] * 0])


def slice_misplaced(ct, x):
    return torch.cat([x[:1] * 0, ct, x[2:] * 0]).flip([0, 1])


def concat_same(ct, x, y):
    first = ct[: x.shape[0]]
    return first, first if x.shape == y.shape else ct[x.shape[0] :]


def max_all_ties(ct, x):
    return torch.where(x == x.max(), ct, 0.0)


def maximum_both(ct, x, y):
    return torch.where(x >= y, ct, 0.0), torch.where(y > x, ct, torch.where(x == y, ct / 2, 0.0))


def cumprod_quotient(ct, x):
    return (ct * x.cumprod(0)).flip(0).cumsum(0).flip(0) / x


def cummax_stays(ct, x):
    return torch.where(x == x.cummax(0).values, ct, 0.0)


def scatter_set(x, indices, y):
    out = x.clone()
    for i, at in enumerate(indices.tolist()):
        out[at] = y[i]
    return out


def scatter_replaced(ct, x, indices, y):
    keep = torch.ones_like(x).index_fill(0, indices, 0.0)
    return ct * keep, None, ct[indices]


def affine(a, c):
    total, states = c[0], [c[0]]
    for t in range(1, len(a)):
        total = a[t] * total + c[t]
        states.append(total)
    return torch.stack(states)


def affine_early(ct, a, c):
    g = affine(a.flip(0), ct.flip(0)).flip(0)
    return g * affine(a, c), g


kept = []


def stale(ct, x):
    if not kept:
        kept.append(x.detach())
    at = kept[0]
    return ct * torch.exp(-at * at) * at * -2


class SavedExp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.y = y.detach().clone()
        return y

    @staticmethod
    def backward(ctx, ct):
        return ct * ctx.y


wrong_cosine = with_rule(torch.cos, lambda ct, x: ct * x.sin())
sine_detached = with_rule(torch.sin, lambda ct, x: ct * x.cos().detach())
sine_cotangent_detached = with_rule(torch.sin, lambda ct, x: ct.detach() * x.cos())
wave = with_rule(torch.sin, lambda ct, x: ct * wrong_cosine(x))
logistic_unit = with_rule(torch.sigmoid, lambda ct, x: torch.sigmoid(x) * torch.sigmoid(-x))
root = with_rule(torch.sqrt, lambda ct, x: ct / (2 * x.sqrt()))
where_mask = with_rule(
    lambda c, x, y: torch.where(c, x, y),
    lambda ct, c, x, y: (None, torch.where(c, ct, 0.0), torch.where(c, ct, 0.0)),
)
factors_right = with_rule(torch.mul, lambda ct, x, y: (ct * y, ct * x))
factors_once = with_rule(torch.mul, lambda ct, x, y: (ct * x, None))


def product_of(x, y):
    return factors_once(x, y) if x is y else factors_right(x, y)


calls = 0


def impure(x):
    global calls
    calls += 1
    return x * calls


def gather_reversed(info, dims, x, indices):
    lanes = torch.stack([x.movedim(dims[0], 0)[i][indices] for i in range(info.batch_size)])
    return lanes.flip(0), 0


def matmul_flipped(info, dims, x, w):
    x, w = (one if d is None else one.movedim(d, 0) for one, d in zip((x, w), dims))
    return torch.matmul(x, w).flip(1), 0


def lanes_added(info, dims, x):
    return x.movedim(dims[0], 0).cumsum(0), 0


ratio = with_rule(torch.div, lambda ct, x, y: (ct / y, -ct * x / y**2))
take = with_rule(
    lambda x, indices: x[indices],
    lambda ct, x, indices: (torch.zeros_like(x).index_add(0, indices, ct), None),
    vmap=gather_reversed,
)
product = with_rule(torch.matmul, lambda ct, x, w: (ct @ w.T, x.T @ ct), vmap=matmul_flipped)
running = with_rule(lambda x: x.cumsum(0), lambda ct, x: ct.flip(0).cumsum(0).flip(0), vmap=lanes_added)
min_detached = with_rule(
    lambda x: x.amin(),
    lambda ct, x: torch.where(x == x.amin(), ct, 0.0),
    jvp=lambda ts, x: torch.where(x == x.amin(), ts[0], 0.0).sum().detach(),
)
unused = with_rule(lambda x, y: x.sin(), lambda ct, x, y: (ct * x.cos(), ct))

FAULTS = {
    "wrong-sign": with_rule(torch.sin, lambda ct, x: -ct * x.cos()),
    "factor-2": with_rule(torch.square, lambda ct, x: ct * x),
    "factor-1.001": with_rule(torch.exp, lambda ct, x: ct * x.exp() * 1.001),
    "factor-1.00001": with_rule(torch.tanh, lambda ct, x: ct * (1 - x.tanh() ** 2) * (1 + 1e-5)),
    "wrong-operand": with_rule(torch.mul, lambda ct, x, y: (ct * x, ct * y)),
    "missing-term": with_rule(lambda x: x * x.exp(), lambda ct, x: ct * x * x.exp()),
    "quotient-sign": with_rule(torch.div, lambda ct, x, y: (ct / y, ct * x / y**2)),
    "at-zero": with_rule(torch.sin, lambda ct, x: torch.where(x == 0, 0.0, ct * x.cos())),
    "end-of-range": with_rule(lambda x: x**3, lambda ct, x: torch.where(x < 1, 3 * ct * x**2, 0.0)),
    "negative-only": with_rule(lambda x: x**3, lambda ct, x: 3 * ct * x * x.abs()),
    "large-only": with_rule(lambda x: x**3, lambda ct, x: 3 * ct * x * x.clamp(-10, 10)),
    "tanh-without-square": with_rule(torch.tanh, lambda ct, x: ct * (1 - x.tanh())),
    "log-with-eps": with_rule(torch.log, lambda ct, x: ct / (x + 1e-6)),
    "log-without-eps": with_rule(lambda x: torch.log(x + 0.01), lambda ct, x: ct / x),
    "pow-exponent": with_rule(torch.pow, lambda ct, x, y: (ct * y * x ** (y - 1), None)),
    "atan2-swapped": with_rule(
        torch.atan2, lambda ct, y, x: (ct * y / (x * x + y * y), -ct * y / (x * x + y * y))
    ),
    "clip-without-mask": with_rule(lambda x: x.clamp(-1, 1), lambda ct, x: ct),
    "relu-without-mask": with_rule(torch.relu, lambda ct, x: ct),
    "where-mask": lambda x, y: where_mask(x > 0.1, x.sin(), y),
    "unit-cotangent": logistic_unit,
    "unit-cotangent-scalar": logistic_unit,
    "cotangent-squared": with_rule(torch.sigmoid, lambda ct, x: ct**2 * torch.sigmoid(x) * torch.sigmoid(-x)),
    "overflow": with_rule(torch.nn.functional.softplus, lambda ct, x: ct * (x.exp() / (x.exp() + 1))),
    "nan-under-where": lambda x: torch.where(x > 0, root(x), 0.0),
    "unused-input": unused,
    "stale-capture": with_rule(lambda x: torch.exp(-x * x), stale),
    "matmul-transposed": with_rule(torch.matmul, transposed_dense),
    "bias-first-row": with_rule(torch.add, lambda ct, x, b: (ct, ct[0])),
    "bias-wrong-axis": with_rule(torch.add, lambda ct, x, b: (ct, ct.sum(1))),
    "bias-size-1": with_rule(torch.add, bias_size_one),
    "bias-mean": with_rule(torch.add, lambda ct, x, b: (ct, ct.mean(0))),
    "broadcast-primitive": with_rule(torch.add, first_of_repeated),
    "mean-without-1/n": with_rule(torch.mean, lambda ct, x: ct.expand(x.shape)),
    "centred-size-1": with_rule(
        lambda x: x - x.mean(), lambda ct, x: ct.clone() if x.numel() == 1 else ct - ct.mean()
    ),
    "norm-as-constant": lambda x: x / x.norm().detach(),
    "softmax-without-term": with_rule(lambda x: x.softmax(-1), lambda ct, x: ct * x.softmax(-1)),
    "softmax-wrong-axis": with_rule(lambda x: x.softmax(-1), softmax_wrong_axis),
    "sum-wrong-axis": with_rule(lambda x: x.sum(1), lambda ct, x: ct.expand(x.shape)),
    "variance-n": with_rule(torch.var, lambda ct, x: ct * (x - x.mean()) * 2 / x.numel()),
    "cumsum-not-reversed": with_rule(lambda x: x.cumsum(0), lambda ct, x: ct.cumsum(0)),
    "flip-not-turned": with_rule(lambda x: x / 2 + x.flip(0), lambda ct, x: ct / 2 + ct),
    "slice-misplaced": lambda x: with_rule(lambda z: z[1:2].clone(), slice_misplaced)(x).sin(),
    "concat-same-part": with_rule(lambda x, y: torch.cat([x, y]), concat_same),
    "index-off-by-one": with_rule(lambda x, indices: x[indices], rows_off_by_one),
    "index-twice": with_rule(lambda x, indices: x[indices], index_twice),
    "rank-0": with_rule(torch.sum, lambda ct, x: ct * 2 if x.dim() == 0 else ct.expand(x.shape)),
    "size-0": with_rule(lambda x, y: x.sum() + (y**2).sum(), both_totals_empty),
    "one-of-100000": lambda x: with_rule(torch.sin, one_place)(x).sum(),
    "last-row": with_rule(torch.exp, last_row_lost),
    "max-all-ties": with_rule(torch.max, max_all_ties),
    "maximum-both": with_rule(torch.maximum, maximum_both),
    "abs-at-0": with_rule(torch.abs, lambda ct, x: ct * torch.where(x == 0, 2.0, x.sign())),
    "prod-at-zeros": with_rule(torch.prod, lambda ct, x: ct * x.prod() / x),
    "cumprod-at-zeros": with_rule(lambda x: x.cumprod(0), cumprod_quotient),
    "cummax-stays": with_rule(lambda x: x.cummax(0).values, cummax_stays),
    "scatter-replaced": with_rule(scatter_set, scatter_replaced),
    "sort-not-undone": lambda x: with_rule(lambda z: z.sort().values, lambda ct, z: ct)(x).sin(),
    "detached-factor": sine_detached,
    "detached-saved-value": SavedExp.apply,
    "wrong-saved-value": with_rule(torch.exp, lambda ct, x: ct * x),
    "wrong-second-derivative": wave,
    "mixed-derivative": with_rule(
        lambda x, y: x * x * y, lambda ct, x, y: (2 * ct * x * y.detach(), ct * x * x)
    ),
    "detached-cotangent": lambda x: sine_cotangent_detached(x) ** 2,
    "constant-slope": with_rule(
        torch.sigmoid, lambda ct, x: ct * (torch.sigmoid(x) * (1 - torch.sigmoid(x))).detach()
    ),
    "forward-only": with_rule(
        torch.max,
        lambda ct, x: torch.where(x == x.max(), ct, 0.0),
        jvp=lambda ts, x: ts[0].sum(),
    ),
    "forward-second-order": lambda x: min_detached(x**3),
    "reverse-only": with_rule(affine, affine_early),
    "tangent-term": with_rule(torch.mul, lambda ct, x, y: (ct * y, ct * x), jvp=lambda ts, x, y: ts[0] * y),
    "tangent-sign": with_rule(
        torch.tanh, lambda ct, x: ct * (1 - x.tanh() ** 2), jvp=lambda ts, x: ts[0] * (x.tanh() ** 2 - 1)
    ),
    "float32-factor": FLOAT32,
    "float32-digits": FLOAT32,
    "float32-overflow": FLOAT32,
    "constant-in-float32": with_rule(
        torch.exp2, lambda ct, x: ct * x.exp2() * float(torch.tensor(math.log(2), dtype=torch.float32))
    ),
    "through-float32": with_rule(torch.sin, lambda ct, x: (ct * x.cos()).float().double()),
    "vmap-gather": take,
    "vmap-matmul": product,
    "vmap-cumsum": lambda x: running(x.sin()),
    "value-read-out": lambda x: x * x.sum().item(),
    "impure": impure,
    "aliased-inside": lambda x: product_of(x, x),
    "aliased-arguments": product_of,
    "masked-quotient": lambda x, y: torch.where(y > 0.5, ratio(x, y), 0.0),
    "batch-of-1": lambda x: (x**2).squeeze().sum(-1),
}
