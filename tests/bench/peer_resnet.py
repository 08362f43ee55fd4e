"""ResNet as one writes it with PyTorch and torchvision.

  peer_resnet.py step [bf16] [last]     ResNet-50, batches of 32 at 224 × 224 made once: training steps
  peer_resnet.py infer [bf16] [last]    the same, forward alone
  peer_resnet.py cifar FOLDER EPOCHS SEED   ResNet-18 with a small stem on class folders, tested after each epoch

bf16: under autocast; last: memory format channels_last. Prints one JSON object: "rate", pictures a second, median over
the steps behind the first; of cifar the curves by epoch.
"""

import json
import statistics
import sys
import time

import torch
import torchvision
from torch import nn

BATCH, SIDE, STEPS = 32, 224, 6


def speed(what, options):
    torch.manual_seed(0)
    layout = torch.channels_last if "last" in options else torch.contiguous_format
    model = torchvision.models.resnet50(num_classes=12).to(memory_format=layout).train(what == "step")
    x = torch.rand(BATCH, 3, SIDE, SIDE).to(memory_format=layout)
    y = torch.randint(0, 12, (BATCH,))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7)
    loss_function, rates = nn.CrossEntropyLoss(), []
    for _ in range(STEPS):
        began = time.perf_counter()
        with torch.set_grad_enabled(what == "step"), torch.autocast("cpu", torch.bfloat16, enabled="bf16" in options):
            out = model(x)
            loss = loss_function(out, y)
        if what == "step":
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        rates.append(BATCH / (time.perf_counter() - began))
    return {"rate": statistics.median(rates[1:])}


def pixels(folder):
    data = torchvision.datasets.ImageFolder(folder, torchvision.transforms.ToTensor())
    return torch.stack([x for x, _ in data]), torch.tensor(data.targets)


def cifar(folder, epochs, seed):
    torch.manual_seed(seed)
    x, y = pixels(folder + "/train")
    x_test, y_test = pixels(folder + "/test")
    model = torchvision.models.resnet18(num_classes=10)
    model.conv1, model.maxpool = nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.Identity()
    nn.init.kaiming_normal_(model.conv1.weight, mode="fan_out", nonlinearity="relu")
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7)
    loss_function, losses, scores, rates = nn.CrossEntropyLoss(), [], [], []
    for _ in range(epochs):
        began, total = time.perf_counter(), 0.0
        model.train()
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss = loss_function(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        rates.append(len(x) / (time.perf_counter() - began))
        losses.append(total / len(x))
        model.eval()
        with torch.no_grad():
            right = sum((model(a).argmax(1) == b).sum().item() for a, b in zip(x_test.split(64), y_test.split(64)))
        scores.append(right / len(x_test))
    return {
        "rate": statistics.median(rates),
        "accuracy": scores[-1],
        "curve_loss": losses,
        "curve_val_accuracy": scores,
    }


def main():
    if sys.argv[1] == "cifar":
        told = cifar(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        told = speed(sys.argv[1], sys.argv[2:])
    print(json.dumps(told))


if __name__ == "__main__":
    main()
