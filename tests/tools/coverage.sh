#!/usr/bin/env bash
# coverage.sh BUILD: lines covered, by file and in all, from the counters that the tests left in BUILD.
set -euo pipefail

build=$1
for folder in engine sessions tui; do
    [ ! -d "$build/$folder" ] || find "$build/$folder" -name '*.gcno'
done | sort | while read -r notes; do
    gcov -n -o "$(dirname "$notes")" "${notes%.gcno}.o" 2>/dev/null
done | awk '
    /^File / { name = $0; gsub(/^File .|.$/, "", name) }
    /^Lines executed:/ && name != "" && name !~ /^\// && name !~ /\.h$/ {
        split($2, part, ":")
        share = part[2] + 0
        printf "%6.1f %%  of %5d  %s\n", share, $4, name
        all += $4
        hit += share * $4 / 100
        name = ""
    }
    END { if (all > 0) printf "%6.1f %%  of %5d  all\n", 100 * hit / all, all; else { print "no counters found"; exit 1 } }'
