"""The functions that are hard to check, as PyTorch has them."""

import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

from common import with_rule

# The masks and numbers that were drawn from fixed keys.
MASK = torch.tensor([True, False, True, True])
NOISE = torch.tensor([0.3, -1.2, 0.7], dtype=torch.float64)


def tensor(*values):
    return torch.tensor(values, dtype=torch.float64)


def repeated(x, steps, step):
    for _ in range(steps):
        x = step(x)
    return x


def normalised(x):
    centred = x - x.mean()
    return centred / torch.sqrt((centred**2).mean() + 1e-5)


def network(layers, x):
    hidden = torch.tanh(x @ layers[0]["w"] + layers[0]["b"])
    return hidden, hidden @ layers[1]["w"] + layers[1]["b"]


def trees(layers, x):
    hidden, out = network(layers, x)
    return {"loss": (out**2).mean(), "parts": [out, {"hidden": hidden}]}


def attention(q, k, v):
    scores = torch.where(torch.tensor([[True, False], [True, True]]), q @ k.T * 0.5, -1e9)
    return scores.softmax(-1) @ v


class Squash(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.tanh()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, ct):
        (y,) = ctx.saved_tensors
        return ct * (1 - y**2)


soft = with_rule(lambda x: torch.log(x.exp() + 1), lambda ct, x: ct * x.sigmoid(), jvp=lambda ts, x: ts[0] * x.sigmoid())


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


HARD = {
    "fast-sine": lambda x: torch.sin(x * 1e4),
    "sharp-tanh": lambda x: torch.tanh(x * 1e3),
    "sharp-sigmoid": lambda x: torch.sigmoid(x * 1e4),
    "large-exp": lambda x: torch.exp(x * 20),
    "pole": torch.reciprocal,
    "pole-squared": lambda x: 1 / (x**2 + 1e-6),
    "tangent-near-pole": torch.tan,
    "log-near-0": torch.log,
    "sqrt-near-0": torch.sqrt,
    "asin-near-1": torch.asin,
    "acosh-near-1": torch.acosh,
    "high-power": lambda x: x**50,
    "softmax-large-logits": lambda x: x.softmax(-1),
    "logsumexp-large": lambda x: x.logsumexp(-1),
    "chirp": lambda x: torch.sin(1 / x),
    "pow-steep-exponent": torch.pow,
    "nested-exp": lambda x: x.exp().exp(),
    "tiny-ripple": lambda x: x.sin() * 1e-9 + 1,
    "power-near-0": lambda x: x**20,
    "saturated-erf": lambda x: torch.erf(x * 5),
    "saturated-tanh": torch.tanh,
    "gaussian-tail": lambda x: torch.exp(-(x**2)),
    "erfc-tail": torch.erfc,
    "softplus-tails": F.softplus,
    "small-slope-large-value": lambda x: x**2 * 1e-4 + 1e8,
    "stationary": torch.cos,
    "flat-cubic": lambda x: x * x**2,
    "one-plus-minus-one": lambda x: (x + 1) - 1,
    "one-minus-cosine": lambda x: (1 - x.cos()) / x**2,
    "log1p-of-expm1": lambda x: x.expm1().log1p(),
    "log-of-one-plus": lambda x: torch.log(x + 1),
    "variance-nearly-equal": lambda x: x.var(correction=0),
    "expm1-over-x": lambda x: x.expm1() / x,
    "sqrt-minus-one": lambda x: torch.sqrt(x**2 + 1) - 1,
    "x-minus-sine": lambda x: x - x.sin(),
    "difference-of-squares": lambda x, y: x**2 - y**2,
    "large-offset": lambda x: ((x + 1e8) - 1e8) ** 2,
    "difference-of-logs": lambda x: torch.log(x + 1e-7) - torch.log(x),
    "sinc": torch.sinc,
    "cosine-similarity": lambda x, y: (x * y).sum() / (x.norm() * y.norm()),
    "lgamma": torch.lgamma,
    "digamma": torch.digamma,
    "trigamma": lambda x: torch.polygamma(1, x),
    "erfinv": torch.erfinv,
    "logit": torch.logit,
    "atan2-near-cut": torch.atan2,
    "atan-far-out": torch.atan,
    "hypot-scales": torch.hypot,
    "logaddexp": torch.logaddexp,
    "xlogy": torch.xlogy,
    "norm-near-0": torch.norm,
    "abs-near-kink": lambda x: torch.abs(x - 1e-6),
    "relu-near-0": torch.relu,
    "relu-of-sine": lambda x: torch.relu(torch.sin(x * 100)),
    "max-near-ties": lambda x: x.amax(),
    "min-near-ties": lambda x: (x**2).amin(),
    "maximum-near-ties": torch.maximum,
    "clip-near-bounds": lambda x: x.clamp(-1, 1),
    "sort-near-ties": lambda x: x.sort().values * tensor(1, 2, 3, 4),
    "floor-near-whole": lambda x: x * x.floor(),
    "ceil-near-whole": lambda x: x.ceil() * x,
    "mod-near-multiple": lambda x: torch.remainder(x, 0.5),
    "where-near-threshold": lambda x: torch.where(x > 0.3, x.exp(), x**2),
    "leaky-relu-small": F.leaky_relu,
    "huber": lambda x: torch.where(x.abs() <= 1, x**2 / 2, x.abs() - 0.5),
    "hinge": lambda w, x: torch.relu(1 - w * x).sum(),
    "piecewise-constant": lambda x: x.round() + x.sign() + x.trunc(),
    "staircase-of-sums": lambda x: torch.floor(x.cumsum(0) * 3) * x,
    "argmax-choice": lambda x: (F.one_hot(x.argmax(), 4) * x**2).sum(),
    "at-kinks": lambda x: torch.relu(x) + x.abs() + x.clamp(0, 1),
    "max-with-ties": lambda x: x.amax(),
    "tiny-inputs": torch.sin,
    "huge-inputs": torch.log,
    "huge-angles": torch.sin,
    "mixed-scales": lambda x: (x**2).sum(),
    "mixed-product": torch.prod,
    "huge-results": torch.exp,
    "tiny-results": torch.exp,
    "huge-norm": torch.norm,
    "tiny-quotient": torch.div,
    "outputs-of-all-scales": lambda x: x.sin() * tensor(1e-12, 1e-6, 1, 1e6, 1e12),
    "sensitive-to-one": lambda x: torch.sin(x * tensor(1e-5, 1, 1e5)).sum(),
    "zeros-in-products": lambda x: x.prod() + x.cumprod(0).sum(),
    "sine-float32": lambda x: torch.sin(x * 100),
    "exp-float32": torch.exp,
    "pole-float32": torch.reciprocal,
    "softmax-float32": lambda x: x.softmax(-1),
    "logsumexp-float32": lambda x: x.logsumexp(-1),
    "ripple-float32": lambda x: x.sin() * 1e-6 + 1,
    "offset-float32": lambda x: ((x + 1e4) - 1e4) ** 2,
    "normalised-float32": normalised,
    "mixed-scales-float32": lambda x: (x**2).sum(),
    "long-sum-float32": lambda x: torch.tanh(x.cumsum(0) * 0.01),
    "mixed-dtypes": lambda x, y: x.sin() * y.exp(),
    "deep-chain": lambda x: repeated(x, 500, lambda y: y.sin() + 0.9),
    "logistic-map": lambda x: repeated(x, 20, lambda y: y * (1 - y) * 3.7),
    "100000-inputs": lambda x: x.sin().sum(),
    "100000-inputs-of-all-scales": lambda x: torch.logsumexp(x.tanh() * 3, 0),
    "many-outputs": lambda x: torch.sin(torch.linspace(0, 5, 1500, dtype=torch.float64).reshape(500, 3) @ x),
    "rank-4": lambda x: (x.permute(3, 1, 0, 2).sin() ** 2).sum((0, 2)),
    "size-0": lambda x, y: x.sum() + y.sin().sum(),
    "empty-result": lambda x: x.sin()[0:0],
    "scalar": lambda x: x.sin().exp(),
    "constant-result": lambda x: x * 0 + 3,
    "unused-argument": lambda x, _: x.sin(),
    "trees": trees,
    "integers-beside": lambda x, indices: x[indices] ** 2,
    "scatter-repeated": lambda x, indices, y: x.index_add(0, indices, y) ** 2,
    "random-mask": lambda x: torch.where(MASK, x.sin() * 2, 0.0),
    "random-noise": lambda x: x * NOISE,
    "right-vjp-rule": lambda x: Squash.apply(x * 2),
    "right-jvp-rule": lambda x: soft(x * 2),
    "right-vjp-rule-float32": lambda x: Squash.apply(x * 2),
    "right-jvp-rule-float32": lambda x: soft(x * 2),
    "checkpointed-float32": lambda x: checkpoint(lambda z: torch.tanh(z * 1.5) + z.exp(), x, use_reentrant=False) * x,
    "attention": attention,
    "einsum-chain": lambda a, b, c: torch.einsum("ij,jk,kl->il", a, b, c),
    "cross-entropy": lambda x, labels: F.cross_entropy(x, labels),
    "shared-subgraph": lambda x: repeated(x.sin(), 12, lambda y: y * 0.5 + y * y.sin()),
    "masked-sqrt": lambda x: torch.where(x > 0, x.sqrt(), 0.0),
    "fast-sine-second": lambda x: torch.sin(x * 100),
    "softmax-second": lambda x: (x * 3).softmax(-1),
    "prod-second": torch.prod,
    "logsumexp-second": lambda x: (x * 5).logsumexp(-1),
    "rosenbrock-second": rosenbrock,
    "floor-second": lambda x: x**2 * torch.floor(x * 3),
    "pole-second": torch.reciprocal,
    "sine-float32-second": lambda x: torch.sin(x * 10),
    "network-second": lambda layers, x: (network(layers, x)[1] ** 2).sum(),
}
