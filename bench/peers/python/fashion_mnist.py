"""
The training of `npm start -- --full` in PyTorch, as its users would write it for data that fits into memory:

    python3 bench/peers/python/fashion_mnist.py [--data DIR] [--seeds 0,1,2] [--epochs 10]

784-64-64-10 (relu, relu), cross-entropy, SGD 0.01 with momentum 0.9, batches of 32, Glorot-uniform weights. Prints the
test accuracy and the seconds of each seed, the files' loading left out.
"""

import argparse
import gzip
import pathlib
import time

import numpy as np
import torch

DEBIAN = "/usr/share/datasets/fashion-mnist"
torch.set_num_threads(2)


def images(path: pathlib.Path) -> torch.Tensor:
    data = np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=16)
    return torch.tensor(data.reshape(-1, 784).astype(np.float32) / 255)


def labels(path: pathlib.Path) -> torch.Tensor:
    data = np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=8)
    return torch.tensor(data.astype(np.int64))


def train(data: dict[str, torch.Tensor], seed: int, epochs: int) -> float:
    torch.manual_seed(seed)
    layers = [torch.nn.Linear(784, 64), torch.nn.Linear(64, 64), torch.nn.Linear(64, 10)]
    for layer in layers:
        torch.nn.init.xavier_uniform_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    relu = torch.nn.ReLU()
    model = torch.nn.Sequential(layers[0], relu, layers[1], relu, layers[2])
    loss_of = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    x, y = data["train_x"], data["train_y"]
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss_of(model(x[batch]), y[batch]).backward()
            optimizer.step()
    with torch.no_grad():
        return (model(data["test_x"]).argmax(1) == data["test_y"]).float().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(DEBIAN))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()
    file = lambda name: next(options.data.rglob(f"{name}*.gz"))
    data = {
        "train_x": images(file("train-images")),
        "train_y": labels(file("train-labels")),
        "test_x": images(file("t10k-images")),
        "test_y": labels(file("t10k-labels")),
    }
    for seed in map(int, options.seeds.split(",")):
        began = time.perf_counter()
        accuracy = train(data, seed, options.epochs)
        print(f"seed {seed}: test accuracy {accuracy:.4f}, {time.perf_counter() - began:.1f} s", flush=True)


main()
