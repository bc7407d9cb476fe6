"""Five steps of torch.optim.SGD for every combination of options, written to sgd.json beside this file.

Run with a Python that has PyTorch: python packages/optim/test/oracle/sgd.py
"""

import itertools
import json
import pathlib

import torch

X = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75], [-2.0, 1.0, 0.5], [0.1, 0.2, -0.3]]
Y = [[1.0, -0.5], [0.0, 2.0], [-1.0, 0.75], [0.5, 0.5]]
KERNEL = [[0.1, -0.2], [0.3, 0.4], [-0.5, 0.6]]
BIAS = [0.05, -0.15]
RATES = [0.1, 0.1, 0.05, 0.2, 0.01]


def run(dtype, options):
    x, y = torch.tensor(X, dtype=dtype), torch.tensor(Y, dtype=dtype)
    kernel = torch.tensor(KERNEL, dtype=dtype, requires_grad=True)
    bias = torch.tensor(BIAS, dtype=dtype, requires_grad=True)
    optimizer = torch.optim.SGD([kernel, bias], lr=RATES[0], **options)
    steps = []
    for rate in RATES:
        optimizer.param_groups[0]["lr"] = rate
        loss = ((x @ kernel + bias - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        steps.append({
            "loss": loss.item(),
            "kernel": kernel.detach().flatten().tolist(),
            "bias": bias.detach().tolist(),
        })
    return steps


cases = []
choices = itertools.product(
    ["float32", "float64"], [0.0, 0.9], [0.0, 0.3], [False, True], [0.0, 0.05]
)
for name, momentum, dampening, nesterov, decay in choices:
    options = {"momentum": momentum, "dampening": dampening, "nesterov": nesterov, "weight_decay": decay}
    case = {
        "dtype": name,
        "options": {"momentum": momentum, "dampening": dampening, "nesterov": nesterov, "weightDecay": decay},
    }
    try:
        case["steps"] = run(getattr(torch, name), options)
    except ValueError as error:
        case["error"] = str(error)
    cases.append(case)

target = pathlib.Path(__file__).parent / "sgd.json"
target.write_text(json.dumps({
    "torch": torch.__version__.split("+")[0],
    "x": X, "y": Y, "kernel": KERNEL, "bias": BIAS, "rates": RATES,
    "cases": cases,
}, indent=1) + "\n")
