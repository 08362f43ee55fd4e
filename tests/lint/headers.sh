#!/usr/bin/env bash
# headers.sh: each header compiles with nothing before it, and again after itself (its guard works).
# Public headers see include/ only, so they cannot lean on a private one.
. "$(dirname "$0")/files.sh"

files=$(c_files include engine sessions tui tests | grep '\.h$')
need_files "$files"
cc=${CC:-gcc}
flags=${STD:--std=c17 -D_GNU_SOURCE -Iinclude -I.}
wrong=0
for header in $files; do
    case $header in
    include/*) name=${header#include/} paths=$(printf '%s' "$flags" | sed 's/-I\. */ /') ;;
    *) name=$header paths="$flags -Itests/emulation" ;; # CUDA's headers are ours there
    esac
    # shellcheck disable=SC2086 # flags are words
    if ! message=$(printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
        "$cc" $paths -Wall -Wextra -Wundef -Wstrict-prototypes -Werror -fsyntax-only -x c - 2>&1); then
        printf '%s:1: does not compile alone:\n%s\n' "$header" "$(printf '%s\n' "$message" | head -n 12)"
        wrong=1
    fi
done
exit $wrong
