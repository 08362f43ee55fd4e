"""What programs of the bench say of themselves: the last JSON line of each, and tables of it."""

import json
import os
import statistics


def told(work, program):
    """The last line of the output that is a JSON object, with what follows from the epochs told of before it.

    rate: rows a second of the training loop, median over the epochs. first: the same of the first epoch with reading
    and preparing counted in. curve_loss, curve_val_accuracy: by epoch.
    """
    epochs, last = [], {}
    with open(os.path.join(work, "out." + program), errors="replace") as f:
        for line in f:
            if line.startswith("{"):
                try:
                    last = json.loads(line)
                except ValueError:
                    last = {}
                if last.get("event") == "epoch":
                    epochs.append(last)
    if epochs:
        first, seconds = epochs[0], last.get("seconds")
        last["rate"] = statistics.median(e["rows_per_second"] for e in epochs)
        last["wait_share"] = statistics.median(e["wait_share"] or 0 for e in epochs)
        if isinstance(seconds, dict):
            before = sum(seconds.get(phase) or 0 for phase in ("read", "split", "fit", "encode"))
            last["first"] = first["seconds"] * first["rows_per_second"] / (before + first["seconds"])
        for key in ("loss", "val_accuracy"):
            last["curve_" + key] = [e[key] for e in epochs]
    return last


def shown(value):
    return "%.6g" % value if isinstance(value, float) else json.dumps(value) if value is not None else "–"


def table(keys, found):
    names = list(found)
    rows = [[key] + [shown(found[n].get(key)) for n in names] for key in keys if any(key in found[n] for n in names)]
    if not rows:
        return
    print("\n| fact | %s |\n|---|%s" % (" | ".join(names), "---|" * len(names)))
    for row in rows:
        print("| %s |" % " | ".join(row))
