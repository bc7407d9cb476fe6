"""Ten steps of torch.optim's Adam, AdamW, NAdam's rule, RMSprop and Adagrad, written to adaptive.json beside this file.

Run with a Python that has PyTorch: python packages/optim/test/oracle/adaptive.py
"""

import itertools
import json
import pathlib

import torch

X = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75], [-2.0, 1.0, 0.5], [0.1, 0.2, -0.3]]
Y = [[1.0, -0.5], [0.0, 2.0], [-1.0, 0.75], [0.5, 0.5]]
KERNEL = [[0.1, -0.2], [0.3, 0.4], [-0.5, 0.6]]
BIAS = [0.05, -0.15]
RATES = [0.1, 0.1, 0.05, 0.2, 0.01, 0.1, 0.02, 0.02, 0.3, 0.1]


class Nesterov(torch.optim.Optimizer):
    """Adam with the mean of Dozat's 2016 paper, the same beta1 at all steps (PyTorch's NAdam changes it)."""

    def __init__(self, params, lr, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (b1, b2), eps, lr = group["betas"], group["eps"], group["lr"]
            for p in group["params"]:
                state = self.state[p]
                t = state["t"] = state.get("t", 0) + 1
                m = state["m"] = b1 * state.get("m", torch.zeros_like(p)) + (1 - b1) * p.grad
                v = state["v"] = b2 * state.get("v", torch.zeros_like(p)) + (1 - b2) * p.grad**2
                ahead = b1 * m / (1 - b1 ** (t + 1)) + (1 - b1) * p.grad / (1 - b1**t)
                p -= lr * ahead / ((v / (1 - b2**t)).sqrt() + eps)


def run(dtype, make, clip):
    x, y = torch.tensor(X, dtype=dtype), torch.tensor(Y, dtype=dtype)
    kernel = torch.tensor(KERNEL, dtype=dtype, requires_grad=True)
    bias = torch.tensor(BIAS, dtype=dtype, requires_grad=True)
    optimizer = make([kernel, bias], lr=RATES[0])
    steps = []
    for rate in RATES:
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = ((x @ kernel + bias - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        if clip is not None:
            # PyTorch's clip_grad_norm_ adds 1e-6 to the norm.
            norm = torch.sqrt(sum((p.grad.double() ** 2).sum() for p in (kernel, bias)))
            for p in (kernel, bias):
                p.grad *= min(1.0, clip / float(norm))
        optimizer.step()
        steps.append({
            "loss": loss.item(),
            "kernel": kernel.detach().flatten().tolist(),
            "bias": bias.detach().tolist(),
        })
    return steps


def variants():
    optim = torch.optim
    for amsgrad, decay, betas in itertools.product([False, True], [0.0, 0.05], [(0.9, 0.999), (0.5, 0.8)]):
        own = {"beta1": betas[0], "beta2": betas[1], "amsgrad": amsgrad, "weightDecay": decay}
        theirs = {"betas": betas, "amsgrad": amsgrad, "weight_decay": decay}
        yield "Adam", own, lambda p, lr, o=theirs: optim.Adam(p, lr=lr, **o)
        yield "AdamW", own, lambda p, lr, o=theirs: optim.AdamW(p, lr=lr, **o)
    yield "Adam", {}, lambda p, lr: optim.Adam(p, lr=lr)
    yield "AdamW", {}, lambda p, lr: optim.AdamW(p, lr=lr)
    yield "Adam", {"epsilon": 0.1}, lambda p, lr: optim.Adam(p, lr=lr, eps=0.1)
    yield "Adam", {"nesterov": True}, lambda p, lr: Nesterov(p, lr)
    for momentum, centered, decay in itertools.product([0.0, 0.9], [False, True], [0.0, 0.05]):
        own = {"momentum": momentum, "centered": centered, "weightDecay": decay}
        theirs = {"momentum": momentum, "centered": centered, "weight_decay": decay}
        yield "RMSProp", own, lambda p, lr, o=theirs: optim.RMSprop(p, lr=lr, **o)
    yield "RMSProp", {"decay": 0.9, "epsilon": 1e-3}, lambda p, lr: optim.RMSprop(p, lr=lr, alpha=0.9, eps=1e-3)
    yield "Adagrad", {}, lambda p, lr: optim.Adagrad(p, lr=lr)
    yield "Adagrad", {"initialAccumulator": 0.1, "epsilon": 1e-3, "weightDecay": 0.05}, lambda p, lr: optim.Adagrad(
        p, lr=lr, initial_accumulator_value=0.1, eps=1e-3, weight_decay=0.05
    )


cases = []
for name in ("float32", "float64"):
    for optimizer, options, make in variants():
        cases.append({"optimizer": optimizer, "dtype": name, "options": options, "steps": run(getattr(torch, name), make, None)})
    for clip in (0.5, 1e3):
        cases.append({
            "optimizer": "Adam", "dtype": name, "options": {}, "clip": clip,
            "steps": run(getattr(torch, name), lambda p, lr: torch.optim.Adam(p, lr=lr, eps=0.1), clip),
        })
        cases[-1]["options"] = {"epsilon": 0.1}


def rates(make, initial, count=12):
    """The rates of a scheduler of PyTorch at the first steps."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=initial)
    scheduler = make(optimizer)
    found = []
    for _ in range(count):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


lr = torch.optim.lr_scheduler
schedules = [
    ["constant", [0.3], rates(lambda o: lr.LambdaLR(o, lambda _: 1.0), 0.3)],
    ["exponentialDecay", [{"initial": 0.5, "rate": 0.9}], rates(lambda o: lr.ExponentialLR(o, 0.9), 0.5)],
    ["stepDecay", [{"initial": 0.5, "rate": 0.1, "steps": 3}], rates(lambda o: lr.StepLR(o, 3), 0.5)],
    ["piecewiseConstant", [{"values": [1, 0.5, 0.25], "boundaries": [3, 7]}],
     rates(lambda o: lr.MultiStepLR(o, [3, 7], 0.5), 1.0)],
    ["polynomialDecay", [{"initial": 0.5, "steps": 8, "power": 2}], rates(lambda o: lr.PolynomialLR(o, 8, 2.0), 0.5)],
    ["polynomialDecay", [{"initial": 0.1, "final": 0.4, "steps": 5}],
     rates(lambda o: lr.LinearLR(o, 0.25, 1.0, 5), 0.4)],
    ["cosineDecay", [{"initial": 0.5, "final": 0.1, "steps": 12}],
     rates(lambda o: lr.CosineAnnealingLR(o, 12, 0.1), 0.5)],
    ["warmupCosineDecay", [{"initial": 0.1, "peak": 0.4, "warmupSteps": 4, "steps": 12, "final": 0.05}],
     rates(lambda o: lr.SequentialLR(o, [lr.LinearLR(o, 0.25, 1.0, 4), lr.CosineAnnealingLR(o, 8, 0.05)], [4]), 0.4)],
]

target = pathlib.Path(__file__).parent / "adaptive.json"
target.write_text(json.dumps({
    "torch": torch.__version__.split("+")[0],
    "x": X, "y": Y, "kernel": KERNEL, "bias": BIAS, "rates": RATES,
    "cases": cases,
    "schedules": [{"name": name, "args": args, "rates": found} for name, args, found in schedules],
}, indent=None, separators=(",", ":")).replace('{"optimizer"', '\n{"optimizer"').replace('{"name"', '\n{"name"') + "\n")
