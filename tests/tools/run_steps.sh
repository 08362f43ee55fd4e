#!/usr/bin/env bash
# run_steps.sh MAKE STEP…: run each step (`make STEP`) to its end, then print one table of them all.
#
# A later step runs even when an earlier one failed: one run tells everything that is wrong. A step
# ends with `N passed, N failed` alone on a line, from which the counts come; a step that fails
# without such a line (it did not build) counts as one failure, and so does one that ran nothing.
# The whole output of a step stays in build/test/.
set -uo pipefail

make=$1
shift
logs=build/test
mkdir -p "$logs"
names=() lines=()
total_passed=0 total_failed=0
begun=$SECONDS

for step in "$@"; do
    name=$(printf '%s' "$step" | sed 's/ MODE=/ /')
    log="$logs/$(printf '%s' "$name" | tr ' ' '-').log"
    printf '\n---- %s\n' "$name"
    from=$SECONDS
    # shellcheck disable=SC2086 # a step is a target and its variables
    "$make" -s $step 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
    read -r passed _ failed _ <<<"${counts:-0 passed, 0 failed}"
    if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
        failed=1
    fi
    if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
        failed=1
        echo "$name: no test ran"
    fi
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
    lines+=("$(printf '%-4s %-20s %6d %7d %6d s' "$([ "$failed" -eq 0 ] && echo ok || echo FAIL)" "$name" "$passed" "$failed" $((SECONDS - from)))")
    [ "$failed" -eq 0 ] || names+=("$log")
done

printf '\n     %-20s %6s %7s %8s\n' step passed failed time
printf '%s\n' "${lines[@]}"
printf '     %-20s %6d %7d %6d s\n' all "$total_passed" "$total_failed" $((SECONDS - begun))
[ ${#names[@]} -eq 0 ] || printf '\nsee %s\n' "${names[*]}"
printf '\n%d passed, %d failed\n' "$total_passed" "$total_failed"
[ "$total_failed" -eq 0 ]
