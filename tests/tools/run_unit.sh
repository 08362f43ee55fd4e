#!/usr/bin/env bash
# run_unit.sh BUILD JOBS PROGRAM…: run the cmocka programs, JOBS at a time; print one line for each
# and the whole output of those that fail; end with `N passed, N failed`.
#
# A program that dies (a signal, a sanitizer's report, the time limit) counts as one failure beside
# those it had reported. The time limit is there to end a hang, not to judge speed.
set -uo pipefail

# The sum of the numbers that stand before or after a word of cmocka's summary (one for each group of tests).
sum_of() { grep -a -o "$1" "$2" | tr -c -d '0-9\n' | awk '{ n += $1 } END { print n + 0 }'; }

run_one() {
    local program=$1 log="$1.log" status=0 passed failed skipped
    timeout -k 5 600 "$program" >"$log" 2>&1 </dev/null || status=$?
    passed=$(sum_of '\[  PASSED  \] [0-9]* test' "$log")
    failed=$(sum_of '[0-9]* FAILED TEST' "$log")
    skipped=$(sum_of '[0-9]* SKIPPED TEST' "$log")
    if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
        failed=1
    fi
    if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
        failed=1
        echo "this program ran no test" >>"$log"
    fi
    echo "$([ "$failed" -eq 0 ] && echo ok || echo FAIL) $passed $failed $skipped $status" >"$program.result"
}
export -f run_one sum_of

build=$1 jobs=$2
shift 2
if [ $# -eq 0 ]; then
    echo "no unit test is there to run"
    echo "0 passed, 1 failed"
    exit 1
fi
printf '%s\n' "$@" | xargs -P "$jobs" -I{} bash -c 'run_one "$1"' _ {}

total_passed=0 total_failed=0
for program in "$@"; do
    read -r word passed failed skipped status <"$program.result"
    note=
    [ "$skipped" -eq 0 ] || note=", $skipped skipped"
    [ "$status" -eq 0 ] || note="$note, exit status $status"
    printf '%-4s %-44s %3d passed, %d failed%s\n' "$word" "${program#"$build"/tests/}" "$passed" "$failed" "$note"
    if [ "$word" != ok ]; then
        sed 's/^/     /' "$program.log" | head -n 200
    fi
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
done
printf '%d passed, %d failed\n' "$total_passed" "$total_failed"
[ "$total_failed" -eq 0 ]
