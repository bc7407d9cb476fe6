"""Losses with their first and second derivatives by PyTorch, in float64, written to losses.json beside this file.

For each case: the loss, its gradient by the predictions, and the gradient of sum(gradient * direction), which is the
Hessian times the direction. Run with a Python that has PyTorch: python packages/nn/test/oracle/losses.py
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

ORDINARY = [[0.3, -1.2, 2.0], [1.5, 0.0, -0.7], [-0.2, 0.4, 0.1], [3.0, 2.5, -4.0]]
EXTREME = [[1000.0, -1000.0, 0.0], [-800.0, -900.0, -1000.0], [0.0, 0.0, 1e4], [50.0, 50.0, -50.0]]
INDICES = [2, 0, 1, 2]
ONE_HOT = [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
SOFT = [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.1, 0.9, 0.0], [0.25, 0.25, 0.5]]
DIRECTION = [[0.5, -1.0, 0.25], [1.0, 2.0, -0.5], [-0.75, 0.3, 0.6], [0.1, -0.2, 0.9]]


def softmax_cross_entropy(x, targets):
    return F.cross_entropy(x, targets)


def categorical_of_softmax(x, targets):
    # What the loss on a softmax's output must equal where nothing underflows, and where it does.
    return F.cross_entropy(x, targets)


def categorical(p, targets):
    if targets.dtype == torch.int64:
        return F.nll_loss(torch.log(p), targets)
    return -(targets * torch.log(p)).sum(-1).mean()


def mean_squared_error(x, targets):
    return F.mse_loss(x, targets)


def run(loss, predictions, targets):
    x = torch.tensor(predictions, dtype=torch.float64, requires_grad=True)
    integer = isinstance(targets[0], int)
    t = torch.tensor(targets, dtype=torch.int64 if integer else torch.float64)
    value = loss(x, t)
    (gradient,) = torch.autograd.grad(value, x, create_graph=True)
    (second,) = torch.autograd.grad((gradient * torch.tensor(DIRECTION, dtype=torch.float64)).sum(), x)
    return {
        "predictions": predictions,
        "targets": targets,
        "loss": value.item(),
        "gradient": gradient.detach().tolist(),
        "hessianTimesDirection": second.tolist(),
    }


probabilities = torch.softmax(torch.tensor(ORDINARY, dtype=torch.float64), -1).tolist()
cases = []
for name, function, inputs in [
    ("softmaxCrossEntropy", softmax_cross_entropy, [ORDINARY, EXTREME]),
    ("categoricalCrossEntropy of softmax", categorical_of_softmax, [ORDINARY, EXTREME]),
    ("categoricalCrossEntropy", categorical, [probabilities]),
]:
    for predictions in inputs:
        for targets in [INDICES, ONE_HOT, SOFT]:
            cases.append({"loss of": name, **run(function, predictions, targets)})
for predictions in [ORDINARY, EXTREME]:
    cases.append({"loss of": "meanSquaredError", **run(mean_squared_error, predictions, SOFT)})
assert all(math.isfinite(case["loss"]) for case in cases)

target = pathlib.Path(__file__).parent / "losses.json"
document = {"torch": torch.__version__.split("+")[0], "direction": DIRECTION, "cases": cases}
target.write_text(json.dumps(document, indent=1) + "\n")
