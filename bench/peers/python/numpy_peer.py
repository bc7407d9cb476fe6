"""NumPy: what its BLAS reaches in products of matrices."""

import data
from serve import repeated, serve


def load():
    import numpy as np

    def matmul(work):
        a, b = data.matmul(work)
        return repeated(lambda: a @ b, lambda c: [c])

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return np.__version__, f"{blas['name']} {blas['version']}", {"matmul": matmul}


serve("numpy", load)
