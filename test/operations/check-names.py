"""
Looks up the names that docs/operations.md gives to operations in NumPy, SciPy, PyTorch and JAX:

    pip install torch==2.13.0 jax==0.10.2 numpy==2.4.6 scipy
    python -B test/operations/check-names.py
"""

import importlib
import re
import sys
from pathlib import Path

import jax
import numpy
import scipy.special
import torch
import torch.utils.checkpoint

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
LIBRARIES = ["NumPy", "PyTorch", "JAX"]
ROOTS = {
    "np": numpy,
    "scipy": scipy,
    "torch": torch,
    "F": torch.nn.functional,
    "jax": jax,
    "jnp": importlib.import_module("jax.numpy"),
    "lax": jax.lax,
}
importlib.import_module("jax.image")
importlib.import_module("jax.scipy.special")


def cells():
    """The names on the page, with the operation and the library they stand for."""
    header = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            header = []
            continue
        row = [cell.strip() for cell in line.strip("|").split("|")]
        if not header:
            header = row
        for library in LIBRARIES:
            if library in header and row is not header:
                for name in re.findall("`([^`]+)`", row[header.index(library)]):
                    yield row[0], library, name


def exists(name):
    root, *path = name.split(".")
    found = ROOTS.get(root)
    for part in path:
        found = getattr(found, part, None)
    return found is not None


names = list(cells())
missing = [entry for entry in names if not exists(entry[2])]
for operation, library, name in missing:
    print(f"{operation}: {library} has no {name}")
print(f"{len(names)} names, {len(missing)} of them missing")
sys.exit(1 if missing or not names else 0)
