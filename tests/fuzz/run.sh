#!/usr/bin/env bash
# run.sh SECONDS JOBS NAME…: run the fuzz targets build/fuzz/fuzz_NAME, JOBS at a time, for SECONDS each;
# end with `N passed, N failed`. How to add a target: README.md here.
#
# Each run first replays the seeds (tests/fuzz/corpus/NAME) and what earlier runs found
# (build/fuzz/corpus/NAME), then mutates them. A finding is left in build/fuzz/findings/NAME-*.
set -uo pipefail

run_one() {
    local name=$1 seconds=$2 seeds="tests/fuzz/corpus/$1" found="build/fuzz/corpus/$1" log="build/fuzz/$1.log" extra=()
    mkdir -p "$found" build/fuzz/findings
    [ ! -f "tests/fuzz/$name.dict" ] || extra+=("-dict=tests/fuzz/$name.dict")
    [ ! -d "$seeds" ] || extra+=("$seeds")
    # The outer limit ends a target that hangs in a way libFuzzer's own alarm cannot.
    timeout -k 5 $((seconds + 300)) "build/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=3072 \
        -max_len=65536 -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$name-" "$found" "${extra[@]}" \
        >"$log" 2>&1 </dev/null
    echo $? >"build/fuzz/$name.status"
}
export -f run_one

seconds=$1 jobs=$2
shift 2
if [ $# -eq 0 ]; then
    echo "no fuzz target is there to run"
    echo "0 passed, 1 failed"
    exit 1
fi
printf '%s\n' "$@" | xargs -P "$jobs" -I{} bash -c 'run_one "$1" "$2"' _ {} "$seconds"

passed=0 failed=0
for name in "$@"; do
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$name.log")
    covered=$(grep -a -o 'cov: [0-9]*' "build/fuzz/$name.log" | tail -n 1)
    if [ "$(cat "build/fuzz/$name.status")" -eq 0 ] && [ "${runs:-0}" -gt 0 ]; then
        passed=$((passed + 1))
        printf 'ok   %-16s %8d inputs, %s\n' "$name" "$runs" "$covered"
    else
        failed=$((failed + 1))
        printf 'FAIL %-16s exit status %s\n' "$name" "$(cat "build/fuzz/$name.status")"
        grep -a -v -E '^#[0-9]+[[:space:]]+(NEW|REDUCE|pulse|RELOAD)' "build/fuzz/$name.log" | tail -n 80 | sed 's/^/     /'
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
