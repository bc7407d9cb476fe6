"""Losses but for the plain ones of network.py: every reduction, weights, smoothed labels, extremes. PyTorch's functions where
it has them, its primitives else; both where an option of ours is none of its own."""

import numpy as np
import torch
import torch.nn.functional as F

from common import DTYPES, FLOATS, INTEGERS, File, array, inf, sample

TOL = {"eps": 16, "scale": 1}
GTOL = {"eps": 64}


def reduce(losses, reduction="mean", weights=None):
    if weights is None:
        return {"mean": torch.mean, "sum": torch.sum, "none": lambda x: x}[reduction](losses)
    w = weights.reshape(weights.shape + (1,) * (losses.ndim - weights.ndim)).expand_as(losses)
    weighted = w * losses
    if reduction == "none":
        return weighted
    return weighted.sum() / w.sum() if reduction == "mean" else weighted.sum()


def cosine(p, t):
    return 1 - F.cosine_similarity(p, t, -1, 1e-30)


def log_cosh(p, t):
    return torch.log(torch.cosh(p - t))


def binary(p, t):
    """PyTorch's binary_cross_entropy clips in its second derivative."""
    loss = -t * torch.log(p) - (1 - t) * torch.log1p(-p)
    assert torch.allclose(loss, F.binary_cross_entropy(p, t, reduction="none"))
    return loss


def squared_hinge(p, t):
    return torch.relu(1 - p * t) ** 2


def kl(p, t):
    return F.kl_div(p.log(), t, reduction="none").sum(-1)


def multiclass_hinge(p, t):
    if t.shape != p.shape:
        t = F.one_hot(t.long(), p.shape[-1]).to(p)
    others = torch.where(t > 0, torch.full_like(p, -torch.inf), p).amax(-1)
    return torch.relu(1 + others - (p * t).sum(-1))


def signs(dtype, shape, key):
    return np.where(sample("bool", shape, key=key), 1, -1).astype(DTYPES[dtype])


def probabilities(dtype, shape, key):
    x = np.exp(sample(dtype, shape, -2, 2, key=key).astype(np.float64))
    return (x / x.sum(-1, keepdims=True)).astype(DTYPES[dtype])


def rows(dtype, shape, key, low=-3, high=3):
    return sample(dtype, shape, low, high, key=key)


# name, own options, loss of elements or rows, predictions, targets; whether rows are compared
LINES = [
    ("meanSquaredError", {}, lambda p, t: (p - t) ** 2, rows, rows, False),
    ("meanAbsoluteError", {}, lambda p, t: F.l1_loss(p, t, reduction="none"), rows, rows, False),
    ("huber", {}, lambda p, t: F.huber_loss(p, t, reduction="none"), rows, rows, False),
    ("huber", {"delta": 2.5}, lambda p, t: F.huber_loss(p, t, reduction="none", delta=2.5), rows, rows, False),
    ("logCosh", {}, log_cosh, rows, rows, False),
    ("binaryCrossEntropy", {}, binary,
     lambda d, s, k: rows(d, s, k, 0.05, 0.95), lambda d, s, k: rows(d, s, k, 0.05, 0.95), False),
    ("sigmoidBinaryCrossEntropy", {}, lambda p, t: F.binary_cross_entropy_with_logits(p, t, reduction="none"), rows,
     lambda d, s, k: rows(d, s, k, 0.05, 0.95), False),
    ("hinge", {}, lambda p, t: torch.relu(1 - p * t), rows, signs, False),
    ("squaredHinge", {}, squared_hinge, rows, signs, False),
    ("poisson", {}, lambda p, t: p - t * torch.log(p), lambda d, s, k: rows(d, s, k, 0.2, 3),
     lambda d, s, k: rows(d, s, k, 0, 5), False),
    ("poisson", {"logRates": True}, lambda p, t: F.poisson_nll_loss(p, t, reduction="none"), rows,
     lambda d, s, k: rows(d, s, k, 0, 5), False),
    ("klDivergence", {}, kl, probabilities, probabilities, True),
    ("cosineDistance", {}, cosine, rows, rows, True),
    ("categoricalHinge", {}, multiclass_hinge, rows,
     lambda d, s, k: np.eye(s[-1], dtype=np.int32)[sample("int32", s[:-1], 0, s[-1] - 1, key=k)], True),
]


def add(file, name, dtype, args, fn, **more):
    more = {"tol": TOL, "gtol": GTOL, "mix": True, "check": 1e-7, **more}
    file.add(f"losses.{name}", dtype, args, out_dtype=dtype, fn=fn, **more)


def everything(file):
    for name, own, loss, predictions, targets, by_row in LINES:
        for dtype in FLOATS:
            for shape in [(2, 3), (4, 3) if by_row else (4, 1), (2, 2, 2)]:
                p, t = predictions(dtype, shape, (name, "p")), targets(dtype, shape, (name, "t"))
                add(file, name, dtype, [p, t, own] if own else [p, t], lambda p, t, f=loss: reduce(f(p, t)))
            p, t = predictions(dtype, (3, 2), (name, "p")), targets(dtype, (3, 2), (name, "t"))
            for reduction in ("sum", "none"):
                add(file, name, dtype, [p, t, {**own, "reduction": reduction}],
                    lambda p, t, f=loss, r=reduction: reduce(f(p, t), r))
            per_row = sample(dtype, (3,), 0.5, 2, key="weights")
            for reduction in ("mean", "sum", "none"):
                add(file, name, dtype, [p, t, {**own, "reduction": reduction, "weights": per_row}],
                    lambda p, t, w, f=loss, r=reduction: reduce(f(p, t), r, w), note="weights of rows")
            if not by_row:
                each = sample(dtype, (3, 2), 0.5, 2, key="each")
                add(file, name, dtype, [p, t, {**own, "weights": each}],
                    lambda p, t, w, f=loss: reduce(f(p, t), "mean", w), note="weights of elements")
            empty = predictions(dtype, (0, 2), name)
            add(file, name, dtype, [empty, empty, {**own, "reduction": "sum"}], None, out=array(0, dtype), tol=None)


def gaussian(file):
    name = "gaussianNegativeLogLikelihood"
    for dtype in FLOATS:
        for shape in [(2, 3), (4,), (2, 1, 2)]:
            p, t = rows(dtype, shape, "gp"), rows(dtype, shape, "gt")
            variance = rows(dtype, shape, "gv", 0.3, 2)
            for full in (False, True):
                fn = lambda p, t, v, f=full: F.gaussian_nll_loss(p, t, v, full=f, eps=1e-30)
                # PyTorch takes the variance's maximum with eps outside of the graph: its derivatives are the same here.
                plain = lambda p, t, v, f=full: (
                    (torch.log(v) + (p - t) ** 2 / v) / 2 + (0.5 * np.log(2 * np.pi) if f else 0)
                ).mean()
                add(file, name, dtype, [p, t, {"variance": variance, "full": full}], plain)
                assert torch.allclose(fn(*map(torch.tensor, (p, t, variance))), plain(*map(torch.tensor, (p, t, variance))))
        add(file, name, dtype, [p, t, {"variance": 0.5, "reduction": "sum"}],
            lambda p, t: ((np.log(0.5) + (p - t) ** 2 / 0.5) / 2).sum(), note="one variance for all")


def categorical(file):
    for dtype in FLOATS:
        for name in ("softmaxCrossEntropy", "categoricalCrossEntropy"):
            for shape in [(3, 4), (2, 2, 3)]:
                p = rows(dtype, shape, name) if name[0] == "s" else probabilities(dtype, shape, name)
                logs = (lambda p: torch.log_softmax(p, -1)) if name[0] == "s" else torch.log
                index = sample("int32", shape[:-1], 0, shape[-1] - 1, key="index")
                soft = probabilities(dtype, shape, "soft")
                weights = sample(dtype, shape[:1], 0.5, 2, key="weights")

                def loss(p, t, s, logs=logs):
                    if t.shape != p.shape:
                        t = F.one_hot(t.long(), p.shape[-1]).to(p)
                    return -((t * (1 - s) + s / p.shape[-1]) * logs(p)).sum(-1)

                for t in (index, soft):
                    add(file, name, dtype, [p, t, {"labelSmoothing": 0.1}],
                        lambda p, t, f=loss: reduce(f(p, t, 0.1)), note="smoothed labels")
                    add(file, name, dtype, [p, t, {"weights": weights, "labelSmoothing": 0.25}],
                        lambda p, t, w, f=loss: reduce(f(p, t, 0.25), "mean", w))
                    for reduction in ("sum", "none"):
                        add(file, name, dtype, [p, t, {"reduction": reduction}],
                            lambda p, t, f=loss, r=reduction: reduce(f(p, t, 0), r))
                if name[0] == "s" and len(shape) == 2:
                    theirs = F.cross_entropy(torch.tensor(p), torch.tensor(index).long(), label_smoothing=0.1)
                    ours = reduce(loss(torch.tensor(p), torch.tensor(index), 0.1))
                    assert torch.allclose(theirs, ours)
        for name in ("sigmoidBinaryCrossEntropy", "binaryCrossEntropy"):
            x = rows(dtype, (2, 3), name) if name[0] == "s" else rows(dtype, (2, 3), name, 0.1, 0.9)
            fn = F.binary_cross_entropy_with_logits if name[0] == "s" else lambda p, t: binary(p, t).mean()
            t = sample("bool", (2, 3), key="t")
            add(file, name, dtype, [x, t, {"labelSmoothing": 0.2}],
                lambda x, t, f=fn: f(x, t.to(x) * 0.8 + 0.1), note="smoothed labels, of bool")
        for kind in INTEGERS:
            scores = rows(dtype, (3, 4), "scores")
            index = sample(kind, (3,), 0, 3, key="index")
            add(file, "categoricalHinge", dtype, [scores, index], lambda p, t: multiclass_hinge(p, t).mean())


def extremes(file):
    for dtype in FLOATS:
        x = array([1000, -1000, 1000, -1000, 40, -40, 0, 1e30, -1e30], dtype)
        t = array([1, 0, 0, 1, 1, 0, 1, 1, 0], dtype)
        tail = np.log1p(np.exp(-40.0))
        each = array([0, 0, 1000, 1000, tail, tail, np.log(2), 0, 0], dtype)
        add(file, "sigmoidBinaryCrossEntropy", dtype, [x, t, {"reduction": "none"}], None, out=each, tol={"ulp": 4},
            note="extreme logits; no digit is lost where the loss is small")
        p, t = array([0, 1, 0, 1, 0.5], dtype), array([0, 1, 1, 0, 1], dtype)
        add(file, "binaryCrossEntropy", dtype, [p, t, {"reduction": "none"}], None,
            out=array([0, 0, inf, inf, np.log(2)], dtype), tol={"ulp": 1}, note="probabilities of 0 and 1")
        e = array([1e-12, 1e-6, 700, -1e4, 1e30, 0], dtype)
        out = array([5e-25, 4.99999999999916667e-13, 700 - np.log(2), 1e4 - np.log(2), 1e30, 0], dtype)
        add(file, "logCosh", dtype, [e, array(np.zeros(6), dtype), {"reduction": "none"}], None, out=out, tol={"eps": 4},
            note="errors that are tiny or huge")
        add(file, "huber", dtype, [e, array(np.zeros(6), dtype), {"reduction": "none"}], None,
            out=array([5e-25, 5e-13, 699.5, 1e4 - 0.5, 1e30, 0], dtype), tol={"eps": 4})
        long, right = array([[3e30, 4e30], [3e-30, 0], [0, 0]], dtype), array([[4, -3], [1, 0], [1, 2]], dtype)
        add(file, "cosineDistance", dtype, [long, right, {"reduction": "none"}], None, out=array([1, 0, 1], dtype),
            tol={"eps": 2, "scale": 1}, note="vectors whose squares overflow or vanish, and one of zeros")
        add(file, "poisson", dtype, [array([0, 0], dtype), array([0, 2], dtype), {"reduction": "none"}], None,
            out=array([0, inf], dtype), note="rates of 0")
        p, t = array([[0, 1], [0.5, 0.5]], dtype), array([[0, 1], [0, 1]], dtype)
        add(file, "klDivergence", dtype, [p, t, {"reduction": "none"}], None, out=array([0, np.log(2)], dtype),
            tol={"ulp": 1}, note="probabilities of 0 that are right")
        w = array([0, 0], dtype)
        add(file, "meanSquaredError", dtype, [w, array([1, inf], dtype), {"weights": w}], None, out=array(0, dtype),
            note="nothing counts, not even infinity")


def main():
    file = File("losses")
    for part in (everything, gaussian, categorical, extremes):
        part(file)
    file.write()


if __name__ == "__main__":
    main()
