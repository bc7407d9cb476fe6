"""The same network in PyTorch, on the same pictures: the accuracies that the test compares with.

python pytorch.py
"""

import gzip
from pathlib import Path

import numpy as np
import torch
from torch import nn

DATA = Path(__file__).parent.parent / "fashion-mnist" / "data"
IMAGES, EPOCHS, BATCH = 2000, 2, 32


def load(name, header):
    return np.frombuffer(gzip.open(DATA / name).read(), np.uint8, offset=header)


def pictures(name):
    return torch.tensor(load(name, 16).reshape(-1, 1, 28, 28) / 255, dtype=torch.float32)


def labels(name):
    return torch.tensor(load(name, 8).astype(np.int64))


def first_weights(layer):
    if isinstance(layer, (nn.Conv2d, nn.Linear)):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)


def accuracy(seed):
    torch.manual_seed(seed)
    x, y = pictures("train-images-10k-idx3-ubyte.gz")[:IMAGES], labels("train-labels-10k-idx1-ubyte.gz")[:IMAGES]
    model = nn.Sequential(
        *(nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(800, 64), nn.ReLU(), nn.Linear(64, 10)),
    )
    model.apply(first_weights)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    for _ in range(EPOCHS):
        for rows in torch.randperm(IMAGES).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        predicted = model(pictures("test-images-2k-idx3-ubyte.gz")).argmax(1)
    return (predicted == labels("test-labels-2k-idx1-ubyte.gz")).float().mean().item()


accuracies = [accuracy(seed) for seed in range(10)]
print(f"mean {np.mean(accuracies):.4f}, standard deviation {np.std(accuracies, ddof=1):.4f}, {sorted(accuracies)}")
