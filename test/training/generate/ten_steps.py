"""The first ten training steps of the demo network in PyTorch, as numbers for ten-steps.test.ts.

    python ten_steps.py FOLDER_WITH_IDX_GZ > ../ten-steps.json

Made with PyTorch 2.13 (CPU), on the first 320 training images of Fashion-MNIST. The weights come from a small linear
congruential generator that the test has as well, so that no weights need to be stored.
"""

import gzip
import json
import sys

import numpy as np
import torch

torch.set_num_threads(1)
SIZES = [784, 64, 64, 10]
BATCH = 32


def uniform(count: int, state: list[int]) -> np.ndarray:
    """Numbers in [0, 1) with 24 bits: the upper bits of x -> 1664525 x + 1013904223 mod 2^32."""
    out = np.empty(count, np.float32)
    x = state[0]
    for i in range(count):
        x = (1664525 * x + 1013904223) & 0xFFFFFFFF
        out[i] = (x >> 8) / 2**24
    state[0] = x
    return out


def glorot(inputs: int, units: int, state: list[int]) -> np.ndarray:
    limit = np.float32(np.sqrt(6 / (inputs + units)))
    return ((uniform(inputs * units, state) * 2 - 1) * limit).astype(np.float32).reshape(inputs, units)


def main(folder: str) -> None:
    with gzip.open(f"{folder}/train-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(16 + 784 * 320)[16:], np.uint8).reshape(320, 784)
    with gzip.open(f"{folder}/train-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(8 + 320)[8:], np.uint8).astype(np.int64)
    x = torch.tensor(images.astype(np.float32) / np.float32(255))
    y = torch.tensor(labels)
    state = [1]
    parameters = []
    for inputs, units in zip(SIZES, SIZES[1:]):
        parameters.append(torch.tensor(glorot(inputs, units, state), requires_grad=True))
        parameters.append(torch.zeros(units, requires_grad=True))
    optimizer = torch.optim.SGD(parameters, lr=0.01, momentum=0.9)
    steps = []
    for step in range(10):
        batch = slice(step * BATCH, (step + 1) * BATCH)
        hidden = x[batch]
        for i in range(0, 6, 2):
            hidden = hidden @ parameters[i] + parameters[i + 1]
            if i < 4:
                hidden = torch.relu(hidden)
        loss = torch.nn.functional.nll_loss(torch.log_softmax(hidden, -1), y[batch])
        optimizer.zero_grad()
        loss.backward()
        gradient_norms = [float(w.grad.double().norm()) for w in parameters]
        optimizer.step()
        steps.append(
            {
                "loss": float(loss.detach()),
                "gradientNorms": gradient_norms,
                "norms": [float(w.detach().double().norm()) for w in parameters],
                # Entries spread over each parameter.
                "entries": [
                    [float(v) for v in w.detach().flatten()[:: max(1, w.numel() // 7)][:7]] for w in parameters
                ],
            }
        )
    json.dump({"seed": 1, "sizes": SIZES, "batch": BATCH, "steps": steps}, sys.stdout, indent=1)


main(sys.argv[1])
