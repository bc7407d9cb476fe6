"""What torch.autograd.gradcheck with default settings says of both tables, on the inputs of the same random cases:

    npm run check:hard -- --inputs inputs.json
    python -B test/gradcheck/torch/all.py inputs.json

writes test/gradcheck/results/torch.json. Takes some minutes.
"""

import json
import os
import sys

import torch

from common import complaint, decoded, leaves
from faults import FAULTS
from hard import HARD

RESULTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "results", "torch.json")


# gradcheck keeps a graph for each element of the inputs, with what that saves: 100,000 of them do not fit into 24 GB.
LARGEST = 10_000
TOO_LARGE = "gradcheck keeps a graph for each element: with 100,000 of them it ran out of 24 GB of memory"


def is_large(case):
    return sum(one.numel() for one in leaves(decoded(case))) > LARGEST


def fault(f, order, cases):
    if isinstance(f, str):
        return {"reason": f}
    if is_large(cases[0]):
        return {"reason": TOO_LARGE}
    for i, case in enumerate(cases):
        message = complaint(f, case, order)
        if message is not None:
            return {"found": i + 1, "cases": len(cases), "message": message}
    return {"found": None, "cases": len(cases), "message": None}


def hard(f, order, cases):
    if is_large(cases[0]):
        return {"reason": TOO_LARGE}
    said = [one for one in (complaint(f, case, order) for case in cases) if one is not None]
    return {"cases": len(cases), "rejected": len(said), "message": said[0] if said else None}


def judged(judge, functions, rows):
    missing = [*(rows.keys() - functions.keys()), *(functions.keys() - rows.keys())]
    if missing:
        sys.exit(f"only in one of the tables: {', '.join(sorted(missing))}")
    results = {}
    for name, row in rows.items():
        results[name] = judge(functions[name], row["order"], row["cases"])
        print(name, results[name], flush=True)
    return results


with open(sys.argv[1]) as file:
    inputs = json.load(file)
results = {
    "version": torch.__version__.split("+")[0],
    "faults": judged(fault, FAULTS, inputs["faults"]),
    "hard": judged(hard, HARD, inputs["hard"]),
}
os.makedirs(os.path.dirname(RESULTS), exist_ok=True)
with open(RESULTS, "w") as file:
    json.dump(results, file, indent=1)
    file.write("\n")
