"""Run the jobs of jobs.ini and print their table as Markdown. Called by run.sh; needs Python alone.

Method: every program of a job runs once unmeasured (the file cache is warm for all), then in each round every program
runs once, the order turned by one each round. A ratio is the median over the rounds of (peer / ours in that round), so
that a slow spell of the machine hits both sides of it. Wall time is the whole process; see measure.c.
"""

import argparse
import configparser
import csv
import glob
import importlib.metadata
import os
import platform
import shlex
import statistics
import string
import subprocess
import sys

import corpus
import facts
import photos

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = ("scikit-learn", "numpy", "scipy", "pandas", "pyarrow", "polars", "duckdb", "torch", "tensorflow", "keras")
PACKAGES += ("torchvision", "pillow")
PICTURES = "/usr/share/datasets/fashion-mnist"


class Failed(Exception):
    pass


def installed(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def machine(sluice):
    model = platform.machine()
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo") as f:
        ram = int(f.readline().split()[1]) / 2**20
    try:
        ours = subprocess.run([sluice, "--version"], capture_output=True, text=True).stdout.split("\n")[0]
    except OSError:
        ours = "sluice: not built"
    parts = [
        model,
        "%d cores" % len(os.sched_getaffinity(0)),
        "%.0f GB" % ram,
        "Linux " + platform.release(),
        ours or "sluice",
        "Python " + platform.python_version(),
    ]
    parts += ["%s %s" % (p, installed(p)) for p in PACKAGES if installed(p)]
    return "; ".join(parts)


class Job:
    def __init__(self, name, section, values):
        self.name = name
        self.about = section["about"]
        self.facts = section.get("facts", "").split()
        self.fresh = section.get("fresh", "").split()
        self.limit = section.get("limit")
        self.rounds = section.get("rounds")
        self.cold = section.get("cold") == "yes"
        self.commands, self.same, self.skipped = {}, {}, []
        for key, text in section.items():
            kind, _, program = key.partition(".")
            if kind == "same":
                self.same[program] = text
            if kind != "run":
                continue
            lacking = [p for p in section.get("needs." + program, "").split() if not installed(p)]
            if lacking:
                self.skipped.append("%s left out: not installed: %s" % (program, ", ".join(lacking)))
            else:
                self.commands[program] = shlex.split(string.Template(text).substitute(values))


def run(job, program, work, limit):
    """One run; returns (wall seconds, CPU seconds, peak bytes) and leaves the output in out.PROGRAM."""
    for pattern in job.fresh:
        for path in glob.glob(os.path.join(work, pattern)):
            if job.same.get(program) == os.path.basename(path) or os.path.basename(path) not in job.same.values():
                os.remove(path)
    out, result = os.path.join(work, "out." + program), os.path.join(work, "cost")
    if os.path.exists(result):
        os.remove(result)
    with open(out, "wb") as f, open(out + ".err", "wb") as e:
        try:
            subprocess.run(
                [os.path.join(work, "..", "measure"), result] + job.commands[program],
                cwd=work,
                stdout=f,
                stderr=e,
                stdin=subprocess.DEVNULL,
                timeout=limit,
            )
        except subprocess.TimeoutExpired:
            raise Failed("stopped after %d s" % limit)
    with open(out + ".err", errors="replace") as e:
        complaint = " ".join(e.read().split())[-300:]
    if not os.path.exists(result):
        raise Failed("could not be measured: " + complaint)
    with open(result) as f:
        wall, user, system, peak, status = (int(v) for v in f.read().split())
    if status != 0:
        raise Failed("exit status %d: %s" % (status, complaint))
    return wall / 1e9, (user + system) / 1e6, peak


def records(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.reader(f))


def compare(job, work, programs):
    """Say how many records differ from those of the first program that has a file."""
    csv.field_size_limit(1 << 30)
    names = [p for p in programs if p in job.same and os.path.exists(os.path.join(work, job.same[p]))]
    if len(names) < 2:
        return []
    first = records(os.path.join(work, job.same[names[0]]))
    out = []
    for name in names[1:]:
        other = records(os.path.join(work, job.same[name]))
        differ = sum(a != b for a, b in zip(first, other)) + abs(len(first) - len(other))
        out.append("%s and %s: %d of %d records differ" % (names[0], name, differ, len(first)))
    return out


def measure(job, work, rounds, limit):
    costs, found, notes = {}, {}, list(job.skipped)
    for program in job.commands:
        try:
            if not job.cold:
                run(job, program, work, limit)
                found[program] = facts.told(work, program)
            costs[program] = []
        except Failed as e:
            notes.append("%s left out: %s" % (program, e))
    same = compare(job, work, list(costs))
    for i in range(rounds):
        order = list(costs)
        for program in order[i % len(order) :] + order[: i % len(order)] if order else ():
            try:
                costs[program].append(run(job, program, work, limit))
                found.setdefault(program, facts.told(work, program))
            except Failed as e:
                notes.append("%s left out in round %d: %s" % (program, i + 1, e))
                del costs[program]
    return costs, {program: found[program] for program in job.commands if program in found}, same, notes


def report(job, work, rounds, limit):
    rounds = min(rounds, int(job.rounds or rounds))
    costs, found, same, notes = measure(job, work, rounds, int(job.limit or limit))
    ours = next(iter(job.commands), None)
    print("\n### %s: %s\n" % (job.name, job.about))
    if costs:
        print("| program | wall s | least | CPU s | peak MB | time ÷ %s | memory ÷ %s |" % (ours, ours))
        print("|---|---:|---:|---:|---:|---:|---:|")
    for program, runs in costs.items():
        wall, cpu, peak = ([r[k] for r in runs] for k in range(3))
        ratios = ["", ""]
        if ours in costs:
            ratios = ["%.2f" % statistics.median(r[k] / o[k] for r, o in zip(runs, costs[ours])) for k in (0, 2)]
        print(
            "| %s | %.3f | %.3f | %.3f | %.1f | %s | %s |"
            % (
                program,
                statistics.median(wall),
                min(wall),
                statistics.median(cpu),
                statistics.median(peak) / 1e6,
                *ratios,
            )
        )
    facts.table(job.facts, found)
    for note in same + notes:
        print("\n%s" % note)
    sys.stdout.flush()
    return ours in costs


def link_pictures(work):
    """Fashion-MNIST under the name `fashion`, from SLUICE_PICTURES or where Debian's package has it."""
    link, folder = os.path.join(work, "fashion"), os.environ.get("SLUICE_PICTURES", PICTURES)
    if os.path.lexists(link):
        os.remove(link)
    os.symlink(folder, link)


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--sluice", required=True)
    ap.add_argument("--build", required=True, help="the bench's own folder")
    ap.add_argument("--data", default="", help="folder of the real corpus")
    ap.add_argument("--rounds", type=int, default=5)
    ap.add_argument("--limit", type=int, default=600, help="seconds a run may take")
    ap.add_argument("jobs", nargs="*", help="which jobs (all)")
    args = ap.parse_args()
    if args.rounds < 1:
        ap.error("--rounds must be at least 1")
    work = os.path.join(args.build, "work")
    os.makedirs(work, exist_ok=True)
    which = corpus.prepare(args.data, work)
    link_pictures(work)
    which += "; " + photos.prepare(args.data, work)
    for recipe in glob.glob(os.path.join(HERE, "*.sluice")):
        with open(recipe) as a, open(os.path.join(work, os.path.basename(recipe)), "w") as b:
            b.write(a.read())
    table = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    table.optionxform = str
    with open(os.path.join(HERE, "jobs.ini"), encoding="utf-8") as f:
        table.read_file(f)
    unknown = [j for j in args.jobs if j not in table]
    if unknown:
        ap.error("no job '%s'; there are: %s" % (unknown[0], ", ".join(table.sections())))
    values = {"sluice": args.sluice, "python": sys.executable, "bench": HERE}
    print(
        "Machine: %s.\n\nData: %s, %.1f MB. Medians of %d rounds, whole process, warm file cache; a ratio above 1: "
        "the peer needs more."
        % (machine(args.sluice), which, os.path.getsize(os.path.join(work, corpus.NAME)) / 1e6, args.rounds)
    )
    done = [
        report(Job(name, table[name], values), work, args.rounds, args.limit) for name in args.jobs or table.sections()
    ]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
