#!/bin/sh
# Sluice beside the reference programs, in one run; prints Markdown. "make bench" calls this.
#
#   tests/bench/run.sh [JOB...]          the jobs are in jobs.ini
#
#   SLUICE_DATA=DIR    folder with imdb50k.csv or imdb50k.csv.xz; without it a corpus of the same shape is drawn;
#                      and with photos in class folders: images/flowers, images/flowers224, images/cifar10, else drawn
#   SLUICE_PICTURES=DIR  folder with Fashion-MNIST's four files; default: that of Debian's dataset-fashion-mnist
#   ROUNDS=5           measured rounds
#   SLUICE=build/sluice
#   BENCH_INSTALL=no   take the private environment as it is, without asking for newer peers
#
# Everything it makes lies in build/bench/. A peer that cannot be installed is left out, and the table says so.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${BENCH_BUILD:-$top/build/bench}
sluice=${SLUICE:-$top/build/sluice}
say() { echo "bench: $*" >&2; }

command -v python3 >/dev/null || { say "needs python3; install it with your package manager"; exit 1; }
mkdir -p "$build"
case $sluice in /*) ;; *) sluice=$PWD/$sluice ;; esac
[ -x "$sluice" ] || say "'$sluice' is not built yet: the peers run alone; build it with 'make'"

${CC:-cc} -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -o "$build/measure" "$here/measure.c"

python=$build/venv/bin/python3
if [ ! -x "$python" ] && ! python3 -m venv "$build/venv" >"$build/venv.log" 2>&1; then
    say "cannot make a virtual environment (on Debian and Ubuntu install python3-venv); the peers are left out"
    rm -rf "$build/venv"
fi
[ -x "$python" ] || python=python3
if [ -d "$build/venv" ] && [ "${BENCH_INSTALL:-yes}" != no ]; then
    for package in scikit-learn pandas pyarrow polars duckdb scipy pillow torch torchvision tensorflow; do
        say "installing $package"
        "$python" -m pip --disable-pip-version-check -q install -U "$package" >"$build/pip.log" 2>&1 ||
            say "cannot install '$package': $(tail -n 1 "$build/pip.log")"
    done
fi
PYTHONDONTWRITEBYTECODE=1 exec "$python" "$here/bench.py" --sluice "$sluice" --build "$build" \
    --data "${SLUICE_DATA:-}" --rounds "${ROUNDS:-5}" "$@"
