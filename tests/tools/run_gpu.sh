#!/usr/bin/env bash
# run_gpu.sh PLUGIN PROGRAM…: run the device tests on this machine's GPU, through the plug-in.
#
# Where there is no plug-in (no CUDA toolkit was found) or no GPU it says so and ends well: nothing was run. A GPU that
# is there and cannot be used is a failure.
set -uo pipefail

plugin=$1
shift
if [ -z "$plugin" ]; then
    echo "no CUDA toolkit here, so no plug-in: nothing was run"
    exit 0
fi
export SLUICE_GPU_PLUGIN=$PWD/$plugin
if ! why=$("$1" --probe 2>&1); then
    if [ -e /dev/nvidia0 ]; then
        echo "FAIL a GPU is here, and cannot be used: $why"
        exit 1
    fi
    echo "no GPU here: nothing was run ($why)"
    exit 0
fi
echo "on $why"
failed=0
for program in "$@"; do
    "$program" || failed=$((failed + 1))
done
echo "$(($# - failed)) programs passed, $failed failed"
[ "$failed" -eq 0 ]
