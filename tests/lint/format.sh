#!/usr/bin/env bash
# format.sh: every C file is as clang-format 14 would write it (`make format` rewrites them).
#
# Other versions format some things otherwise, so with one of those the check is left out, and says so.
. "$(dirname "$0")/files.sh"

formatter=${CLANG_FORMAT:-clang-format}
files=$(c_files)
need_files "$files"
version=$("$formatter" --version 2>/dev/null | sed -n 's/.*version \([0-9][0-9]*\).*/\1/p')
if [ -z "$version" ]; then
    echo "no clang-format: run 'make setup'"
    exit 1
fi
if [ "$version" != 14 ]; then
    echo "left out: the format is that of clang-format 14, here is $version"
    exit 0
fi
printf '%s\n' "$files" | tr '\n' '\0' | xargs -0 -n 40 "$formatter" --dry-run -Werror 2>&1 |
    { grep -E '^[^ ]+\.([ch]|cu):[0-9]+:[0-9]+: error|^[A-Za-z].*rror' || true; } |
    awk -F: '!($1 in first) { first[$1] = $2; order[++n] = $1 } { lines[$1]++ }
        END {
            for (i = 1; i <= n; i++)
                printf "%s:%s: not formatted (%d places); run make format\n", order[i], first[order[i]], lines[order[i]]
            exit n > 0
        }'
