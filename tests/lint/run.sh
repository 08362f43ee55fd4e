#!/usr/bin/env bash
# run.sh MAKE: what `make lint` does. Runs every check to its end and ends with `N passed, N failed`.
set -uo pipefail

here=$(dirname "$0")
passed=0 failed=0
check() { # WHAT COMMAND…
    local what=$1 log
    shift
    if log=$("$@" 2>&1); then
        passed=$((passed + 1))
        printf 'ok   %s\n' "$what"
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n' "$what"
    fi
    [ -z "$log" ] || printf '%s\n' "$log" | head -n 200 | sed 's/^/     /'
}

check "the files are formatted" bash "$here/format.sh"
check "each part includes only what it may" bash "$here/layers.sh"
check "each header compiles alone, and twice" bash "$here/headers.sh"
check "no banned function is used" bash "$here/banned.sh"
check "every stage is in the registry" bash "$here/registry.sh"
check "no compiler warns" "$1" -s -k warnings MODE=lint
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
