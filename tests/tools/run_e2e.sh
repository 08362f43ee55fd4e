#!/usr/bin/env bash
# run_e2e.sh BUILD [SCRIPT.sh…]: drive BUILD/sluice through BUILD/e2e and the scripts, each of which
# gets the program's path; end with `N passed, N failed`.
#
# The home folder is a fresh one, so a test neither reads nor writes the user's own files. Sanitizer
# reports of the program under test go to files: it runs in a pseudo-terminal, where they would
# vanish from the screen, and any such file fails the run even if the test looked away.
set -uo pipefail

build=$1
shift
program=$PWD/$build/sluice
work=$(mktemp -d "${TMPDIR:-/tmp}/sluice-e2e.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/home" "$work/reports"
export HOME=$work/home XDG_STATE_HOME='' XDG_CONFIG_HOME='' XDG_DATA_HOME='' INPUTRC=/dev/null
export TERM=xterm-256color LC_ALL=C.UTF-8
unset NO_COLOR COLUMNS LINES
for tool in ASAN UBSAN TSAN LSAN; do
    options=${tool}_OPTIONS
    export "$options=${!options:-}:log_path=$work/reports/report"
done

passed=0 failed=0
run() { # NAME COMMAND…: runs the command, adds its counts to ours
    local name=$1 log=$work/log status=0 p=0 f=0 counts
    shift
    timeout -k 10 1200 "$@" 2>&1 </dev/null | tee "$log"
    status=${PIPESTATUS[0]}
    counts=$(grep -a -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
    if [ -n "$counts" ]; then
        read -r p _ f _ <<<"$counts"
    elif [ "$status" -eq 0 ]; then
        p=1
    fi
    if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
        f=1
        echo "FAIL $name: exit status $status"
    fi
    passed=$((passed + p))
    failed=$((failed + f))
}

[ ! -x "$build/e2e" ] || run e2e "$build/e2e" "$program"
for script in "$@"; do
    run "$script" bash "$script" "$program"
done

for report in "$work"/reports/*; do
    [ -e "$report" ] || continue
    echo "FAIL sanitizer report:"
    head -n 60 "$report"
    failed=$((failed + 1))
done
[ $((passed + failed)) -gt 0 ] || failed=1
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
