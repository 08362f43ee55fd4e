"""The picture job as one writes it with PyTorch. Usage: peer_torch.py FOLDER BATCH EPOCHS [SEED]

Prints the facts as one JSON object, by the names that "sluice run --json" uses; "rate": samples a second of the
training loop, median over its epochs.
"""

import gzip
import json
import statistics
import sys
import time

import numpy as np
import torch
from torch import nn


def read(folder, name, offset):
    with gzip.open("%s/%s-ubyte.gz" % (folder, name)) as f:
        return np.frombuffer(f.read(), np.uint8, offset=offset)


def load(folder, part):
    x = read(folder, part + "-images-idx3", 16).reshape(-1, 784).astype(np.float32) / 255
    return torch.from_numpy(x), torch.from_numpy(read(folder, part + "-labels-idx1", 8).astype(np.int64))


def evaluate(model, x, y):
    with torch.no_grad():
        out = model(x)
        return (out.argmax(1) == y).float().mean().item(), nn.functional.cross_entropy(out, y).item()


def main():
    folder, batch, epochs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.manual_seed(int(sys.argv[4]) if len(sys.argv) > 4 else 0)
    x, y = load(folder, "train")
    x_test, y_test = load(folder, "t10k")
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    for layer in (model[0], model[2]):  # Keras's initial weights
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7)
    loss_function = nn.CrossEntropyLoss()
    rates = []
    for _ in range(epochs):
        began = time.perf_counter()
        order = torch.randperm(len(x))
        for i in range(0, len(x), batch):
            rows = order[i : i + batch]
            optimizer.zero_grad()
            loss = loss_function(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        rates.append(len(x) / (time.perf_counter() - began))
    accuracy, loss = evaluate(model, x_test, y_test)
    print(
        json.dumps(
            {
                "records": len(x) + len(x_test),
                "accuracy": accuracy,
                "train_accuracy": evaluate(model, x, y)[0],
                "log_loss": loss,
                "rate": statistics.median(rates),
            }
        )
    )


if __name__ == "__main__":
    main()
