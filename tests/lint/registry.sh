#!/usr/bin/env bash
# registry.sh: every stage class defined in engine/ is listed in the registry, once, and the registry lists no other.
. "$(dirname "$0")/files.sh"

registry=engine/stages/registry.c
if [ ! -f "$registry" ]; then
    echo "$registry:1: there is no registry"
    exit 1
fi
files=$(c_files engine)
printf '%s\n' "$files" | tr '\n' '\0' | xargs -0 awk -f "$(dirname "$0")/code.awk" | awk -v registry="$registry" '
    {
        match($0, /^[^:]*:[0-9]*:/)
        place = substr($0, 1, RLENGTH)
        text = substr($0, RLENGTH + 1)
        file = substr(place, 1, index(place, ":") - 1)
    }
    # A definition: the words "struct sl_stage_class sl_stage_X", not after "extern".
    text ~ /struct +sl_stage_class +sl_stage_[a-z0-9_]+ *(=|$)/ && text !~ /extern/ && file ~ /\.c$/ {
        name = text
        sub(/^.*struct +sl_stage_class +/, "", name); sub(/[^a-z0-9_].*$/, "", name)
        defined[name] = place
        n_defined++
    }
    file == registry {
        while (match(text, /& *sl_stage_[a-z0-9_]+/)) {
            name = substr(text, RSTART, RLENGTH)
            text = substr(text, RSTART + RLENGTH)
            sub(/^& */, "", name)
            if (name in listed) {
                print place " \"" name "\" is listed twice"
                wrong++
            }
            listed[name] = place
        }
    }
    END {
        if (n_defined == 0) {
            print registry ":1: no stage is defined anywhere in engine/"
            wrong++
        }
        for (name in defined)
            if (!(name in listed)) {
                print defined[name] " \"" name "\" is not in " registry
                wrong++
            }
        for (name in listed)
            if (!(name in defined)) {
                print listed[name] " \"" name "\" is defined nowhere in engine/"
                wrong++
            }
        exit wrong > 0
    }' | LC_ALL=C sort -t: -k1,1 -k2,2n
