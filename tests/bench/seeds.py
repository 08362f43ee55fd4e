"""The CIFAR job with seeds 0, 1 and 2. Usage: seeds.py SLUICE|torch EPOCHS

Prints one JSON object: by epoch, mean and standard deviation over the seeds of the training loss and of the accuracy
on the test photos; "rate": pictures a second of the training loop, median over seeds and epochs.
"""

import json
import os
import statistics
import subprocess
import sys

SEEDS = (0, 1, 2)


def lines(program, epochs, seed):
    if program == "torch":
        peer = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peer_resnet.py")
        command = [sys.executable, peer, "cifar", "few32", str(epochs), str(seed)]
    else:
        command = [program, "run", "cifar.sluice", "--json", "--set", "train.epochs=%d" % epochs]
        command += ["--set", "train.random_state=%d" % seed, "--set", "batch.random_state=%d" % seed]
    out = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def curves(told):
    epochs = [e for e in told if e.get("event") == "epoch"]
    if epochs:
        rate = statistics.median(e["rows_per_second"] for e in epochs)
        return [e["loss"] for e in epochs], [e["val_accuracy"] for e in epochs], rate
    return told[-1]["curve_loss"], told[-1]["curve_val_accuracy"], told[-1]["rate"]


def spread(runs):
    return ["%.4f ± %.4f" % (statistics.mean(v), statistics.stdev(v)) for v in zip(*runs)]


def main():
    runs = [curves(lines(sys.argv[1], int(sys.argv[2]), seed)) for seed in SEEDS]
    losses, scores, rates = zip(*runs)
    told = {"rate": statistics.median(rates), "loss": spread(losses), "val_accuracy": spread(scores)}
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
